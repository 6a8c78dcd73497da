// Keeps the live page current: only what changed is replaced, in its place, and never what is under the pointer.
const EVERY = 2000;
const live = document.getElementById("live");
const connection = document.getElementById("connection");
let failures = 0;

function isBusy(part) {
  return part.contains(document.activeElement) || (part.matches(":hover") && part.querySelector("a, button"));
}

function replace(part, fresh) {
  if (part.innerHTML === fresh.innerHTML || isBusy(part)) return;
  part.innerHTML = fresh.innerHTML;
  for (const { name, value } of fresh.attributes) if (name.startsWith("data-")) part.setAttribute(name, value);
}

const stateNow = () => live.querySelector("[data-state]").dataset.state;
const stateAtFirst = stateNow();

// What was said of a decision is no longer so. Its place is kept: nothing may move under the pointer.
function hideOldNotices() {
  if (stateNow() === stateAtFirst) return;
  for (const notice of document.querySelectorAll(".notice")) notice.classList.add("invisible");
}

async function look() {
  const answer = await fetch(live.dataset.from, { headers: { "X-Part": "live" } });
  if (answer.redirected || answer.status === 403) return location.reload();
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-part]")) {
    const part = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (part) replace(part, fresh);
  }
  hideOldNotices();
}

const isOver = () => live.querySelector("[data-over]").dataset.over === "yes";

async function keepLooking() {
  if (!document.hidden) {
    try {
      await look();
      failures = 0;
      connection.textContent = "";
    } catch {
      failures += 1;
      connection.textContent = "Sin conexión con el servidor: lo que ve puede no ser lo último. Se sigue intentando.";
    }
  }
  if (!isOver()) setTimeout(keepLooking, EVERY * Math.min(1 + failures, 8));
}

if (!isOver()) setTimeout(keepLooking, EVERY);
