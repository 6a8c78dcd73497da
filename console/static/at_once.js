// Which calls an approval begins follows the tick, without asking again; without this the answer to the form says it.
const tick = document.getElementById("at_once");
const sentences = document.querySelectorAll("[data-at-once]");

function show() {
  for (const each of sentences) each.hidden = (each.dataset.atOnce === "yes") !== tick.checked;
}
tick.addEventListener("change", show);
addEventListener("pageshow", show); // whoever comes back finds the box as they left it
