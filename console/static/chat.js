// A written conversation: the newest in sight, an answer sent once and its field emptied, canned answers put into it.
const problem = () => document.getElementById("problem");
const field = () => document.getElementById("texto");
const NEAR = 80; // pixels from the end: whoever reads further up is left there
let wasAtEnd = true;
let seen = null; // the conversation that is in the page

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

function noteWhere({ target }) {
  if (target.id === "thread") wasAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR;
}

async function send(form) {
  const button = form.querySelector("button:not([type=button])");
  button.disabled = true;
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form), headers: { "X-Part": "desk" } });
    if (answer.redirected || answer.status === 403 || answer.status === 400) return location.reload();
    if (answer.status === 409) return tell(await answer.text());
    if (!answer.ok) throw new Error(answer.status);
    tell("");
    form.reset();
    form.elements.una_vez.value = crypto.randomUUID();
    wasAtEnd = true;
  } catch {
    tell("Sin conexión: no se sabe si salió. Inténtelo otra vez: no se enviará dos veces."); // its number is the same
  } finally {
    button.disabled = false;
    field()?.focus();
  }
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
  field().focus();
});

document.addEventListener("scroll", noteWhere, true);
new MutationObserver(showNewest).observe(document.body, { childList: true, subtree: true });
showNewest();
