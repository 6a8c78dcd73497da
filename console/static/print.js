// The sheet is printed from its own button; without this, from the browser's menu.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
