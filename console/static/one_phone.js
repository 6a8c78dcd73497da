// One page holds the telephone, of all that one browser has open; the next in line gets it when that one is closed.
const A_MOMENT = 400; // a page that is loaded again may find that what it was has not quite gone

// isMine(true): after having waited for another page. Without locks (a page over plain http) the carrier alone decides.
export function holdTelephone(name, { isElsewhere, isMine }) {
  if (!navigator.locks) return isMine(false);
  const held = (hasWaited) => {
    isMine(hasWaited);
    return new Promise(() => {}); // until the page is closed
  };
  navigator.locks.request(name, { ifAvailable: true }, (lock) => {
    if (lock) return held(false);
    let hasWaited = false;
    const late = setTimeout(() => { hasWaited = true; isElsewhere(); }, A_MOMENT);
    navigator.locks.request(name, () => { clearTimeout(late); return held(hasWaited); });
  });
}

const $ = (id) => document.getElementById(id);
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; }; // or it is read out again

// What the telephone does, and what there is to do about it. Without one the page does not say that calls come to it.
export function showTelephone(text, { rings = false, live = false, isHere = true, todo = "", mayTake = false } = {}) {
  const state = $("phone-state");
  write(state, text);
  state.classList.toggle("ringing", rings);
  state.classList.toggle("live", live);
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
