// The contact of a campaign at the desk: its forms are sent without leaving the page, whose telephone may be in use;
// and it is drawn again when its call moves on, never while nothing changed.
const EVERY = 1000;
const here = () => document.getElementById("next-contact");
let isSending = false; // what a look tells meanwhile is older than the answer that is awaited

function draw(html) {
  const old = here();
  const held = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : "";
  const parsed = new DOMParser().parseFromString(html, "text/html").getElementById("next-contact");
  if (!parsed) return;
  for (const field of old.querySelectorAll("input[id], textarea[id], select[id]")) {
    const same = parsed.querySelector(`#${CSS.escape(field.id)}`);
    if (same && !same.value && field.type !== "radio" && field.type !== "checkbox") same.value = field.value;
  }
  old.replaceWith(document.adoptNode(parsed));
  const again = held && document.getElementById(held);
  if (again) again.focus();
}

async function send(form, button) {
  const body = new FormData(form, button);
  if (button) button.disabled = true;
  isSending = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "1" } });
    if (answer.redirected) return location.reload();
    // What was sent is not to come back into an empty field: the entry of a question is typed anew.
    form.reset();
    draw(await answer.text());
    document.dispatchEvent(new Event("contact-told")); // its case may be another, or none
    here().querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
  } catch {
    if (button) button.disabled = false;
  } finally {
    isSending = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!here()?.contains(form)) return;
  event.preventDefault();
  send(form, event.submitter);
});

async function look() {
  const part = here();
  if (part && !document.hidden) {
    try {
      const url = `${part.dataset.from}?sello=${encodeURIComponent(part.dataset.stamp)}`;
      const answer = await fetch(url, { headers: { "X-Part": "1" } });
      const told = answer.status === 200 && !answer.redirected ? await answer.text() : "";
      if (told && !isSending) draw(told);
    } catch {
      // The desk's own page says when there is no connection.
    }
  }
  setTimeout(look, EVERY);
}
setTimeout(look, EVERY);
