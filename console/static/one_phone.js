// One page holds the telephone, of all that one browser has open; the next in line gets it when that one is closed. A page
// that had it and is loaded again has it back, and any page takes it while it rings elsewhere.
import { offerToTake, onTold, showThatItRings, tellOthers } from "./rings_elsewhere.js";

const A_MOMENT = 400; // a page that is loaded again may find that what it was has not quite gone
let isHeld = false;
let state = "idle";

// isMine: `hasWaited` for another page, `takes` it from that page, `answers` at once, with what `letGo` gave there.
// Without locks (a page over plain http) the carrier alone decides.
export function holdTelephone(name, { isElsewhere, isMine, letGo }) {
  if (!navigator.locks) return isMine({});
  const me = crypto.randomUUID();
  const hadIt = () => sessionStorage.getItem(name) === "1";
  let free; // gives the lock back
  let line; // where it is waited for

  const held = (how) => {
    isHeld = true;
    sessionStorage.setItem(name, "1");
    showThatItRings(false);
    isMine(how);
    return new Promise((done) => { free = done; }); // until the page is closed, or another one takes it
  };
  const wait = () => {
    line = new AbortController();
    let hasWaited = false;
    const late = setTimeout(() => { hasWaited = true; isElsewhere(); }, A_MOMENT);
    const mine = () => { clearTimeout(late); return held({ hasWaited }); };
    navigator.locks.request(name, { signal: line.signal }, mine).catch(() => clearTimeout(late));
    if (hadIt()) tellOthers({ wants: me });
  };
  const take = (how) => {
    line?.abort();
    navigator.locks.request(name, { steal: true }, () => held({ hasWaited: true, takes: true, ...how })).catch(() => {});
  };
  const give = (to, answers) => {
    isHeld = false;
    sessionStorage.removeItem(name);
    tellOthers({ given: to, how: { answers, ...letGo() } });
    setTimeout(() => { free(); wait(); }, A_MOMENT); // it comes back where that page is gone meanwhile
  };

  onTold((told) => {
    if (told.given === me) take(told.how);
    if (!isHeld) return told.state === "idle" && hadIt() && tellOthers({ wants: me });
    const mayGo = told.wants && (state === "idle" || (state === "rings" && told.answers));
    if (mayGo) give(told.wants, Boolean(told.answers));
    else if (told.asks || told.wants) tellOthers({ state });
  });
  offerToTake(() => tellOthers({ wants: me, answers: true }));
  addEventListener("pagehide", () => isHeld && tellOthers({ state: "over" }));
  navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? held({}) : wait())).catch(() => {});
}

const $ = (id) => document.getElementById(id);
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; }; // or it is read out again

// What the telephone does, and what there is to do about it. Without one the page does not say that calls come to it.
export function showTelephone(text, { rings = false, live = false, isHere = true, todo = "", mayTake = false } = {}) {
  state = rings ? "rings" : live ? "live" : "idle";
  if (isHeld) tellOthers({ state });
  const shown = $("phone-state");
  write(shown, text);
  shown.classList.toggle("ringing", rings);
  shown.classList.toggle("live", live);
  document.documentElement.dataset.phone = isHere ? "here" : "none";
  $("phone-answer").disabled = !rings;
  $("phone-end").disabled = !(rings || live);
  write($("phone-end"), rings ? "Rechazar" : "Dejar la llamada");
  write($("phone-todo"), todo);
  if ($("phone-take")) $("phone-take").hidden = !mayTake;
}

const LEAVES = "¿Dejar la llamada? Su teléfono sale de ella y la persona espera a que alguien la atienda; si la llamó usted, se le \
despide. Para terminarla con una despedida, use «Colgar».";

// The button beside «Contestar»: what rings is not answered; a call is left only by whoever says so twice.
export function onLeave(isLive, leave) {
  $("phone-end").addEventListener("click", () => (!isLive() || confirm(LEAVES)) && leave());
}

export const IN_ANOTHER_TAB = ["Su teléfono está en otra pestaña", { isHere: false, todo: "Trabaje en ella. Si la cierra, timbrará aquí." }];
export const ready = (cameBack) => (cameBack ? "Listo para timbrar: su teléfono está ahora en esta página" : "Listo para timbrar");
