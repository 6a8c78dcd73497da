// Keeps the desk's pages current, sends their buttons without leaving the page, and shows the choice of whom to call.
import { goTo } from "./desk_swap.js";
import { morph } from "./morph.js";

const $ = (id) => document.getElementById(id);
const dialog = () => $("choice");
const liveParts = () => [...document.querySelectorAll("[data-live]")]; // each asks for itself, by its stamp
const SEEN_EVERY = 10; // looks: ten of them are five seconds
let looks = 0;
let beats = 0; // of the worker, four a second
let failures = 0;
let waiting = 0; // beats, after a failure
let isLooking = false;
let clock = null; // the server's, in seconds, and when it was told

function fetched(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function put(html) {
  const parts = [...fetched(html).querySelectorAll("[data-live]")];
  for (const part of parts.filter((each) => !parts.some((other) => other !== each && other.contains(each))))
    if ($(part.id)) morph($(part.id), part);
  for (const top of document.querySelectorAll("[data-for]"))
    if ($(top.dataset.for)) $(top.dataset.for).innerHTML = top.innerHTML;
  tickSteps();
}

async function look({ newest = false } = {}) {
  const page = $("page");
  if (isLooking || !page) return;
  isLooking = true;
  try {
    const asked = new URLSearchParams({ sello: liveParts().map((part) => part.dataset.stamp).join(".") });
    if (looks++ % SEEN_EVERY === 0) asked.set("visto", "1");
    if (newest) asked.set("nuevo", "1");
    const answer = await fetch(`${page.dataset.from}?${asked}`, { headers: { "X-Part": "desk" } });
    if (page !== $("page")) return; // another page was opened meanwhile
    if (answer.redirected || answer.status === 403) return location.reload();
    hearTheHour(answer.headers.get("X-Now"));
    if (answer.headers.get("X-Go")) return await goTo(answer.headers.get("X-Go"));
    if (answer.status === 404) return location.assign("/");
    if (!answer.ok) throw new Error(answer.status);
    if (answer.status !== 204) put(await answer.text());
    failures = 0;
    notice("");
  } catch {
    failures += 1;
    waiting = Math.min(failures * 4, 20);
    notice("Sin conexión con el servidor: lo que ve puede no ser lo último. Se sigue intentando.");
  } finally {
    isLooking = false;
  }
}

// Seconds go on by themselves between two looks, by the server's clock.
function hearTheHour(seconds) {
  if (seconds) clock = { seconds: Number(seconds), at: performance.now() };
}

function tickAges() {
  if (!clock) return;
  const now = clock.seconds + (performance.now() - clock.at) / 1000;
  for (const each of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor(now - Number(each.dataset.since)));
    const rest = `${Math.floor(seconds / 60) % 60}`.padStart(seconds < 3600 ? 1 : 2, "0");
    const text = `${seconds < 3600 ? "" : `${Math.floor(seconds / 3600)}:`}${rest}:${`${seconds % 60}`.padStart(2, "0")}`;
    if (each.textContent !== text) each.textContent = text;
  }
  tickClock(now);
}

// The rehearsal's clock in the band goes on too: «lunes 23/11/2026 10:04», as the server writes it.
function tickClock(now) {
  for (const each of document.querySelectorAll("[data-clock]")) {
    const told = Object.fromEntries(dateOf(each.dataset.clock).formatToParts(now * 1000).map(({ type, value }) => [type, value]));
    const text = `${told.weekday} ${told.day}/${told.month}/${told.year} ${told.hour}:${told.minute}`;
    if (each.textContent !== text) each.textContent = text;
  }
}

const TWO = "2-digit";
const dates = {}; // by zone
function dateOf(timeZone) {
  const asked = { timeZone, weekday: "long", day: TWO, month: TWO, year: "numeric", hour: TWO, minute: TWO, hourCycle: "h23" };
  return (dates[timeZone] ??= new Intl.DateTimeFormat("es", asked));
}

function notice(sentence) {
  const line = $("connection");
  if (line && line.textContent !== sentence) line.textContent = sentence;
}

function tell(sentence) {
  const problem = $("problem");
  if (!problem) return;
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Part": "desk" } });
    if (answer.redirected || answer.status === 403 || answer.status === 400) return location.reload();
    if (answer.ok && dialog()?.open) dialog().close();
    const refusal = answer.status === 409 ? await answer.text() : answer.ok ? "" : "No se pudo hacer. Inténtelo otra vez.";
    const inside = dialog()?.open && dialog().querySelector("[data-problem]");
    if (inside) inside.textContent = refusal;
    else tell(refusal);
  } catch {
    tell("Sin conexión: no se hizo. Inténtelo otra vez.");
  }
  await look({ newest: true });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-act], form[data-swap]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.ask && !confirm(form.dataset.ask)) return;
  if (form.dataset.swap === undefined) send(form, event.submitter);
  else goTo(form.getAttribute("action"), { method: "POST", body: new FormData(form, event.submitter) });
});

// Whom to call: the same page that opens without a script, in a dialog over this one.
async function choose(url) {
  const answer = await fetch(url, { headers: { "X-Part": "desk" } });
  if (!answer.ok || answer.redirected) return tell("Esa llamada ya no está.");
  const choice = dialog();
  choice.replaceChildren(...fetched(await answer.text()).body.childNodes);
  if (!choice.open) choice.showModal();
  choice.querySelector("[autofocus]")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && dialog()) {
    event.preventDefault();
    choose(link.href);
  }
  if (event.target.closest("[data-close]") && dialog()?.open) {
    event.preventDefault();
    event.stopImmediatePropagation();
    dialog().close();
  }
});

let typing;
document.addEventListener("input", (event) => {
  if (!event.target.matches("dialog [name=buscar]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => search(event.target.form), 250);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("dialog [data-search]")) return;
  event.preventDefault();
  search(event.target);
});

async function search(form) {
  const url = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  const answer = await fetch(url, { headers: { "X-Part": "desk" } });
  const fresh = answer.ok && fetched(await answer.text()).querySelector("[data-found]");
  if (fresh) morph(dialog().querySelector("[data-found]"), fresh);
}

// The steps of the script that were ticked, for as long as the call lasts and this page is open.
function tickSteps() {
  for (const box of document.querySelectorAll("[data-step]")) box.checked = sessionStorage.getItem(box.id) === "1";
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-step]")) sessionStorage.setItem(event.target.id, event.target.checked ? "1" : "0");
});
// A case is no part of what is going on: the page is asked for whole.
function lookWhole() {
  if ($("desk")) $("desk").dataset.stamp = "";
  look({ newest: true });
}
document.addEventListener("case-saved", lookWhole);
document.addEventListener("contact-told", lookWhole);

// Every half second; every quarter while the operator's telephone rings, so that whoever answers sees the call at once.
function tick() {
  beats += 1;
  const isHalf = beats % 2 === 0;
  if (isHalf) tickAges();
  if (waiting > 0) waiting -= 1;
  else if (isHalf || "rings" in ($("desk")?.dataset ?? {})) look();
}

tickSteps();
hearTheHour($("page")?.dataset.now);
new Worker(new URL("./desk_ticks.js", import.meta.url)).addEventListener("message", tick);
