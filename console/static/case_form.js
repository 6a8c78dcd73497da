// Keeps the case form as it is typed, shows what applies, and saves it in its place. It may be put into a page later.
const WAIT = 700;
const RETRY = 3000;
const ARRIVES = [150, 450, 1200]; // what the page before this one sent as it went
const LEFT = "case-form-left"; // where that was sent: nothing of what it says is kept in the browser
let timer;
let unsent = null; // the form in which something was typed that was not posted yet
let sending = null; // the form whose post was not answered yet
let last = Promise.resolve(); // one post after the other: what was typed later must arrive later
const touched = new Set(); // fields that were typed in and not posted yet
// One person may have a case open in several tabs: the last to write would write over the rest.
const tabs = new BroadcastChannel("case-form");

const formOf = (node) => node.closest?.("form[data-typed-to]");
const isTold = (status) => status === 409 || status === 422; // a refusal that says what to do

function says(form, asked) {
  const [name, value] = asked.split("=");
  return new FormData(form).getAll(name).some((each) => value.split("|").includes(each));
}

function show(form) {
  for (const part of form.querySelectorAll("[data-when]")) part.hidden = !says(form, part.dataset.when);
  for (const part of form.querySelectorAll("[data-unless]")) part.hidden = says(form, part.dataset.unless);
  for (const button of form.querySelectorAll("[data-plain]")) button.hidden = true; // it is kept by itself
}

async function post(where, body) {
  const answer = await fetch(where, { method: "POST", body, headers: { "X-Part": "case-form" } });
  if (answer.redirected || answer.status === 403) return location.reload();
  if (!answer.ok && !isTold(answer.status)) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector('[data-part="case-form"]');
}

// The fields stay as they are: somebody is writing in them.
function keep(form) {
  last = last.then(async () => {
    if (!form.isConnected && unsent !== form) return;
    const line = form.querySelector("[data-typed]");
    try {
      unsent = null;
      sending = form;
      touched.clear();
      const body = new FormData(form);
      const fresh = await post(form.dataset.typedTo, body);
      tabs.postMessage({ where: form.dataset.typedTo, said: [...body] });
      if (fresh && fresh.dataset.state !== "draft") return unsent === form ? keep(form) : put(fresh);
      if (fresh) line.textContent = fresh.querySelector("[data-typed]").textContent;
      if (fresh) tellNews(form, fresh);
    } catch {
      unsent = form;
      line.textContent = "Sin conexión: el borrador todavía no se guardó. Se sigue intentando.";
      later(form, RETRY);
    } finally {
      sending = null;
    }
  });
}

// What a colleague of the same call saved meanwhile, and what the person has open already.
function tellNews(form, fresh) {
  for (const part of ["#case-news", "#case-open"]) {
    const [here, told] = [form, fresh].map((each) => each.querySelector(part));
    if (here && told && here.innerHTML !== told.innerHTML) here.innerHTML = told.innerHTML;
  }
}

function later(form, wait = WAIT) {
  clearTimeout(timer);
  timer = setTimeout(() => keep(form), wait);
}

// The page may have taken the form away meanwhile, because its case was saved elsewhere: what comes stands in its place.
function put(fresh) {
  const { draft, state } = fresh.dataset;
  const part = document.querySelector(`[data-part="case-form"][data-draft="${draft}"]`);
  if (!part) return;
  const whole = part.closest("[data-once]");
  if (whole && state !== "draft") whole.dataset.once = fresh.dataset.as; // so the desk leaves it as it is now
  part.replaceWith(fresh);
  prepare(fresh);
  fresh.querySelector("[data-wrong], [data-meanwhile], [role=status]")?.focus();
  if (fresh.dataset.state !== "draft")
    document.dispatchEvent(new CustomEvent(`case-${fresh.dataset.state}`, { detail: { draft: fresh.dataset.draft } }));
}

function prepare(root) {
  for (const form of root.querySelectorAll("form[data-typed-to]")) show(form);
}

const formAt = (where) => document.querySelector(`form[data-typed-to="${CSS.escape(where)}"]`);

// Nor does it go with the page in whose place this one came (desk_swap.js).
document.addEventListener("case-carried", ({ detail: { where, said } }) => {
  touched.clear();
  const form = formAt(where);
  if (form) fill(form, said);
});

// What somebody typed in another tab stands in this one too.
tabs.onmessage = ({ data: { where, said, isOver } }) => {
  const form = formAt(where);
  if (!form) return;
  if (isOver) return keep(form);
  fill(form, said);
};

// What somebody is typing here stays.
function fill(form, said) {
  for (const control of form.elements) {
    if (!control.name || touched.has(control.name) || ["hidden", "submit"].includes(control.type)) continue;
    const values = said.filter(([name]) => name === control.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(control.type)) control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
  }
  show(form);
}

// What was said of a field is no longer so once somebody changes it.
function forgive(control) {
  const around = control.type === "radio" ? control.closest("fieldset") : control.parentNode;
  for (const each of [around, ...around.querySelectorAll("*")]) {
    each.classList.remove("is-invalid");
    each.removeAttribute("aria-invalid");
  }
  for (const sentence of around.querySelectorAll(".invalid-feedback")) sentence.remove();
  unlist(control);
}

// Nor is it in the list of what lacks, which goes with its last line.
function unlist(control) {
  const box = control.form?.querySelector("[data-wrong]");
  for (const link of box?.querySelectorAll("a") ?? [])
    if (control.form.querySelector(link.getAttribute("href"))?.name === control.name) link.closest("li").remove();
  if (box && !box.querySelector("li")) box.remove();
}

function typed(event) {
  const form = formOf(event.target);
  if (!form) return;
  forgive(event.target);
  show(form);
  unsent = form;
  touched.add(event.target.name);
  later(form);
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", (event) => {
  const form = formOf(event.target) ?? event.target.closest("form[data-add]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.typedTo) {
    clearTimeout(timer);
    unsent = null;
  }
  const where = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const chosen = event.submitter?.name ? [event.submitter.name, event.submitter.value] : null;
  const buttons = [...form.querySelectorAll("button:not(:disabled)")];
  for (const button of buttons) button.disabled = true;
  last = last.then(async () => {
    try {
      const body = new FormData(form);
      if (chosen) body.set(...chosen);
      const fresh = await post(where, body);
      if (fresh) put(fresh);
      if (form.dataset.typedTo && fresh?.dataset.state !== "draft")
        tabs.postMessage({ where: form.dataset.typedTo, isOver: true });
    } catch {
      form.querySelector("[data-typed]").textContent = "Sin conexión: no se guardó. Inténtelo otra vez.";
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
});
// Whoever leaves within the pause leaves nothing unsaved, and it goes before the next page is asked for, where it can.
function leave() {
  const form = unsent ?? sending;
  if (!form?.isConnected) return;
  navigator.sendBeacon(form.dataset.typedTo, new FormData(form));
  sessionStorage.setItem(LEFT, form.dataset.typedTo);
  unsent = sending = null;
}
addEventListener("beforeunload", leave);
addEventListener("pagehide", leave);

// What was sent as the page before this one went may have arrived after this one was made. Posts wait for it: they
// have the whole form, and what is not here yet would be written over.
async function catchUp(form) {
  for (const wait of ARRIVES) {
    await new Promise((done) => setTimeout(done, wait));
    if (!form.isConnected) return;
    const answer = await fetch(form.dataset.kept, { headers: { "X-Part": "case-form" } });
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.querySelector('[data-part="case-form"]');
    if (fresh?.dataset.state === "draft") fill(form, [...new FormData(fresh.querySelector("form"))]);
    else if (fresh) put(fresh);
  }
}

function arrive() {
  const where = sessionStorage.getItem(LEFT);
  sessionStorage.removeItem(LEFT);
  const form = where && formAt(where);
  if (form) last = last.then(() => catchUp(form)).catch(() => {}); // without connection keep says so
}
new MutationObserver(() => prepare(document)).observe(document.body, { childList: true, subtree: true });
prepare(document);
arrive();
