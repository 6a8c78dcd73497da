// The telephone of the desk on the local carrier: rings, is answered, shows what is heard, and speaks into the call.
import { IN_ANOTHER_TAB, holdTelephone, onLeave, ready, showTelephone } from "./one_phone.js";
import { hush, say } from "./speech.js";

const $ = (id) => document.getElementById(id);
const phone = $("phone");
const RETRY = 2000;
const SOON = 300; // this page's own telephone of a moment ago, before it was loaded again, may still be there
const NONE = { isHere: false, todo: "Mientras tanto no le llega ninguna llamada a esta página." };
let socket;
let isLive = false;
let isMissing = false; // it was said that the telephone is not here
let refusals = 0;
let again;
let answersAtOnce = false; // who took it while it rang elsewhere pressed the key already
let wasGiven = false; // to another page of this browser

function show(text, more = {}) {
  isLive = Boolean(more.live);
  isMissing = more.isHere === false;
  showTelephone(text, more);
  $("phone-say").querySelector("button").disabled = !isLive;
}

function write(kind, text) {
  const line = document.createElement("p");
  line.className = kind;
  line.textContent = text;
  const log = $("phone-heard");
  log.append(line);
  while (log.children.length > 60) log.firstChild.remove();
  log.scrollTop = log.scrollHeight;
}

// What the network calls them is no name: caller-0a1b2c3d, leg-7, or a telephone number.
// Who speaks: the page has their names, by their telephone.
const nameOf = (from) => document.querySelector(`li[data-key="${CSS.escape(from)}"] .who-is`)?.textContent;
const who = (from) => (from.startsWith("caller") ? "Quien llama" : (nameOf(from) ?? "Otra persona"));

function isElsewhere(text, isBusy) {
  hush();
  const todo = isBusy ? "Está en una llamada allí. Cuando esa página se cierre, timbrará aquí." : "Ciérrelo allí, o pulse «Usarlo aquí».";
  show(text, { isHere: false, todo, mayTake: !isBusy });
}

const EVENTS = {
  ready: () => { refusals = 0; show(ready(isMissing)); },
  refused: ({ is_busy }) => { if (++refusals > 3 || isMissing) isElsewhere("Su teléfono está en uso en otro equipo", is_busy); },
  taken: () => { refusals = 1; isElsewhere("Su teléfono pasó a otro equipo", false); },
  ringing: () => {
    $("phone-heard").replaceChildren();  // what another caller said is nobody's business in this call
    show("Timbra: conteste", { rings: true });
    write("event", "Timbra");
    if (answersAtOnce) answer();
    answersAtOnce = false;
  },
  answered: () => show("En llamada", { live: true }),
  said: ({ text, from }) => {
    show("En llamada", { live: true });
    write("said", from ? `${who(from)}: ${text}` : text);
    if ($("phone-voice").checked) say(text);
  },
  listening: () => show("En llamada", { live: true }),
  ended: () => { hush(); show(ready(false)); write("event", "Fin de la llamada"); },
};

function answer() {
  tell({ do: "answer" });
  show("En llamada", { live: true });
}

// However the telephone was lost, it is asked for again until it is here.
function connect({ take = "no" } = {}) {
  clearTimeout(again);
  const mine = new URLSearchParams({ number: `client:${phone.dataset.client}`, take });
  let isTold = false; // why it is closed
  const opened = new WebSocket(`${phone.dataset.carrier}/local/phone?${mine}`);
  socket = opened;
  opened.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (opened !== socket) return;
    isTold ||= ["refused", "taken"].includes(event.event);
    EVENTS[event.event]?.(event);
  });
  opened.addEventListener("close", () => {
    if (opened !== socket) return;
    if (!isTold) {
      hush();
      refusals = 0;
      show("Sin la red telefónica local: se sigue intentando", NONE);
    }
    again = setTimeout(connect, isTold && !isMissing ? SOON : RETRY);
  });
}

const tell = (order) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(order));

if (phone?.dataset.carrier) {
  $("phone-answer").addEventListener("click", answer);
  onLeave(() => isLive, () => tell({ do: "hangup" }));
  $("phone-say").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = $("phone-words").value.trim();
    if (!words) return;
    tell({ do: "say", text: words });
    write("mine", `Usted: ${words}`);
    $("phone-words").value = "";
  });
  // Closing the page would cut the call.
  addEventListener("beforeunload", (event) => isLive && event.preventDefault());
  $("phone-take").addEventListener("click", () => connect({ take: "yes" }));
  holdTelephone(`telephone ${phone.dataset.client}`, {
    isElsewhere: () => show(...IN_ANOTHER_TAB),
    isMine: ({ takes, answers }) => {
      answersAtOnce = Boolean(answers);
      connect({ take: takes || wasGiven ? "ringing" : "no" });
      wasGiven = false;
    },
    letGo: () => {  // the network closes it once that page has it: closed here, it would decline what rings
      clearTimeout(again);
      socket = null;
      wasGiven = true;
      hush();
      show(...IN_ANOTHER_TAB);
      return {};
    },
  });
}
