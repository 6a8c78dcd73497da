// Dropping a file, its size, and a true progress bar. Without this the plain form does the same.
const form = document.getElementById("upload");
const drop = document.getElementById("drop");
const input = document.getElementById("file");
const problem = document.getElementById("problem");
const sending = document.getElementById("sending");
const progress = document.getElementById("progress");
const label = document.getElementById("progress-label");
const button = form.querySelector("[type=submit]");

// The browser names its own control in its own language: ours speaks Spanish, and the browser's stays for the keyboard
// of whoever has no script.
function showChosen() {
  document.getElementById("chosen").textContent = input.files.length ? input.files[0].name : "Ningún archivo elegido";
}
input.classList.add("visually-hidden");
input.tabIndex = -1;
input.addEventListener("change", showChosen);
document.getElementById("chooser").classList.remove("d-none");
document.getElementById("choose").addEventListener("click", () => input.click());
showChosen();

function tell(text) {
  problem.textContent = text;
  problem.classList.toggle("d-none", !text);
  sending.classList.add("d-none");
  button.disabled = false;
}

for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  showChosen();
});

form.addEventListener("submit", (event) => {
  const file = input.files[0];
  if (!file) return;
  event.preventDefault();
  const most = Number(form.dataset.most);
  if (file.size > most) return tell(`El archivo pesa más de ${most / 1e6} MB. Divídalo en varias campañas. No se subió nada.`);
  tell("");
  button.disabled = true;
  sending.classList.remove("d-none");
  label.textContent = "Subiendo…";
  progress.value = 0;
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (step) => {
    progress.value = (100 * step.loaded) / step.total;
    if (step.loaded < step.total) return;
    label.textContent = "Ya llegó. Abriéndolo…";
    progress.removeAttribute("value");
  });
  request.addEventListener("load", () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a page, not our answer */ }
    if (answer.url) location.assign(answer.url);
    else tell(answer.error || "No se pudo subir el archivo. No se guardó nada: inténtelo otra vez.");
  });
  request.addEventListener("error", () => tell("Se perdió la conexión. No se guardó nada: inténtelo otra vez."));
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(new FormData(form));
});
