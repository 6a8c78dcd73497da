// A written conversation: the newest in sight, an answer sent once and its field emptied, canned answers put into it,
// and what was typed there again when its page is.
const problem = () => document.getElementById("problem");
const field = () => document.getElementById("texto");
const NEAR = 80; // pixels from the end: whoever reads further up is left there
let wasAtEnd = true;
let seen = null; // the conversation that is in the page
let given = null; // the field that was given back what it held
const unsent = new Map(); // what was typed and not sent, by the conversation's address: only here, and only until it goes

function tell(sentence) {
  problem().textContent = sentence;
  problem().hidden = !sentence;
}

function showNewest() {
  const thread = document.getElementById("thread");
  if (!thread) return;
  const here = location.pathname;
  if (wasAtEnd || seen !== here) thread.scrollTop = thread.scrollHeight;
  seen = here;
}

// Of one that is no longer the reader's, nobody can send it any more.
function giveBack() {
  const here = document.getElementById("chat");
  if (here && !("mine" in here.dataset)) unsent.delete(location.pathname);
  const isNew = field() && field() !== given;
  given = field();
  const typed = unsent.get(location.pathname);
  if (!isNew || !typed || field().value) return;
  field().value = typed;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

function noteWhere({ target }) {
  if (target.id === "thread") wasAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR;
}

async function send(form) {
  const button = form.querySelector("button:not([type=button])");
  button.disabled = true;
  const body = new FormData(form);
  const post = () => fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Part": "desk" } });
  try {
    let answer = await post();
    if (answer.headers.has("X-Ask")) {
      if (!confirm(`${await answer.text()} ¿Enviarlo así?`)) return tell("");
      body.set("seguro", "1");
      answer = await post();
    }
    if (answer.redirected || answer.status === 403 || answer.status === 400) return location.reload();
    if (answer.status === 409) return tell(await answer.text());
    if (!answer.ok) throw new Error(answer.status);
    tell("");
    form.reset();
    form.elements.texto.dispatchEvent(new Event("input", { bubbles: true }));
    form.elements.una_vez.value = crypto.randomUUID();
    wasAtEnd = true;
  } catch {
    tell("Sin conexión: no se sabe si salió. Inténtelo otra vez: no se enviará dos veces."); // its number is the same
  } finally {
    button.disabled = false;
    field()?.focus();
  }
}

function lookAgain() {
  showNewest();
  giveBack();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-write]");
  if (!form) return;
  event.preventDefault();
  send(form);
});

document.addEventListener("keydown", (event) => {
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (sends && event.target.id === "texto") event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const canned = event.target.closest("[data-canned]");
  if (!canned || !field()) return;
  const { value } = field();
  field().value = value.trim() ? `${value.trimEnd()}\n${canned.dataset.canned}` : canned.dataset.canned;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  field().focus();
});

document.addEventListener("input", ({ target }) => {
  if (target.id !== "texto") return;
  if (target.value.trim()) unsent.set(location.pathname, target.value);
  else unsent.delete(location.pathname);
});
addEventListener("beforeunload", (event) => unsent.size && event.preventDefault());

document.addEventListener("scroll", noteWhere, true);
new MutationObserver(lookAgain).observe(document.body, { childList: true, subtree: true });
lookAgain();
