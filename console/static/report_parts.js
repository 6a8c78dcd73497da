// On a telephone a report is the names of its parts, each to be opened; it is printed whole.
const isNarrow = matchMedia("(max-width: 640px)");
const parts = () => [...document.querySelectorAll("details.report-section")];

function fold() {
  parts().forEach((part, place) => { part.open = !isNarrow.matches || place === 0; });
}

fold();
isNarrow.addEventListener("change", fold);
addEventListener("beforeprint", () => parts().forEach((part) => { part.open = true; }));
addEventListener("afterprint", fold);
document.addEventListener("counted", fold); // the report comes later where it is counted first
