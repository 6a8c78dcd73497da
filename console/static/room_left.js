// How much still fits in a field, once it is nearly full; and that only a part of what was pasted did.
const NEARLY = 0.8;
const LONG = 200; // a name or a number needs no count
const letters = (count) => count.toLocaleString("es-MX");
const isMeant = (field) => field.matches?.("textarea[maxlength], input[maxlength]");
let isCut = false; // what is being pasted now

function noteOf(field) {
  const beside = field.parentElement.matches(".d-flex, .input-group") ? field.parentElement : field;
  const found = beside.nextElementSibling;
  if (found?.matches("[data-room-left]")) return found;
  const note = document.createElement("p");
  note.className = "form-text mb-0";
  note.dataset.roomLeft = "";
  beside.after(note);
  return note;
}

function tell(field) {
  const { maxLength: most, value } = field;
  const isNearlyFull = most >= LONG && value.length >= most * NEARLY;
  const note = noteOf(field);
  note.classList.toggle("fw-semibold", isCut || value.length > most);
  if (isCut) note.setAttribute("role", "alert");
  else note.removeAttribute("role");
  if (isCut) note.textContent = `Se pegó solo una parte: aquí caben ${letters(most)} letras.`;
  else if (value.length > most) note.textContent = `Sobran ${letters(value.length - most)} letras: caben ${letters(most)}.`;
  else if (isNearlyFull) note.textContent = `${letters(value.length)} de ${letters(most)} letras`;
  else note.remove();
}

document.addEventListener("paste", ({ target, clipboardData }) => {
  if (!isMeant(target)) return;
  const pasted = clipboardData.getData("text").replaceAll("\r\n", "\n").length;
  const replaced = target.selectionEnd - target.selectionStart;
  isCut = target.value.length - replaced + pasted > target.maxLength;
  setTimeout(() => {
    tell(target); // also where nothing of it fitted, and the browser says nothing
    isCut = false;
  });
});
document.addEventListener("input", ({ target }) => isMeant(target) && tell(target));
