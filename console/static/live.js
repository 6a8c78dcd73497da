// Keeps the live page current: the server says what changed, and only that is touched, in its place. What is under the
// pointer, or has the focus, waits until it is left: nothing may change there between looking and pressing.
import { morph } from "./morph.js";

const COMES_BACK = 2000;
const live = document.getElementById("live");
const connection = document.getElementById("connection");
const waiting = new Map();
let source = null;
let failures = 0;

const partNamed = (name) => document.querySelector(`[data-part="${CSS.escape(name)}"]`);
const isBusy = (part) =>
  (part.matches(":hover") && part.querySelector("a, button")) || part.querySelector("a:focus, button:focus");

function put(fresh) {
  const part = partNamed(fresh.dataset.part);
  if (!part) return;
  if (isBusy(part)) waiting.set(fresh.dataset.part, fresh);
  else {
    waiting.delete(fresh.dataset.part);
    morph(part, fresh);
  }
}

function putWhatWaited() {
  for (const fresh of [...waiting.values()]) put(fresh);
}

const stateNow = () => live.querySelector("[data-state]").dataset.state;
const stateAtFirst = stateNow();

// What was said of a decision is no longer so. Its place is kept: nothing may move under the pointer.
function hideOldNotices() {
  if (stateNow() === stateAtFirst) return;
  for (const notice of document.querySelectorAll(".notice")) notice.classList.add("invisible");
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of page.querySelectorAll("[data-part]")) put(document.adoptNode(fresh));
  hideOldNotices();
  if (isOver()) stop();
}

const isOver = () => live.querySelector("[data-over]").dataset.over === "yes";

function isConnected() {
  failures = 0;
  connection.textContent = "";
}

function stop() {
  source?.close();
  source = null;
}

// A stream that was refused does not come back by itself: somebody signed out, or the service is not there.
async function lookOnce() {
  stop();
  try {
    const answer = await fetch(live.dataset.from, { headers: { "X-Part": "live" } });
    if (answer.redirected || answer.status === 403 || answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
    isConnected();
  } catch {
    failures += 1;
    connection.textContent = "Sin conexión con el servidor: lo que ve puede no ser lo último. Se sigue intentando.";
  }
  setTimeout(listen, COMES_BACK * Math.min(1 + failures, 8));
}

function listen() {
  if (source || document.hidden || isOver()) return;
  source = new EventSource(`${live.dataset.events}?sello=${live.dataset.stamp}`);
  source.onopen = isConnected;
  source.onmessage = (event) => {
    live.dataset.stamp = event.lastEventId;
    show(event.data);
  };
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) lookOnce();
    else if (++failures > 2) connection.textContent = "Sin conexión con el servidor: lo que ve puede no ser lo último. Se sigue intentando.";
  };
}

live.addEventListener("pointerout", () => setTimeout(putWhatWaited));
live.addEventListener("focusout", () => setTimeout(putWhatWaited));
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
addEventListener("pagehide", stop);
listen();
