// What was just done is said above the page; whoever has read it can put it away.
for (const notice of document.querySelectorAll(".notice")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-link";
  button.textContent = "Cerrar aviso";
  button.addEventListener("click", () => notice.remove());
  notice.append(button);
}

// Tabs that do not fit are scrolled: the one that is open is in sight.
for (const open of document.querySelectorAll(".nav-tabs .active")) open.scrollIntoView({ block: "nearest", inline: "center" });
