// The telephone of the desk on the local carrier: rings, is answered, shows what is heard, and speaks into the call.
import { hush, say } from "./speech.js";

const $ = (id) => document.getElementById(id);
const phone = $("phone");
const RETRY = 2000;
let socket;
let isLive = false;

function show(text, { rings = false, live = false } = {}) {
  isLive = live;
  const state = $("phone-state");
  state.textContent = text;
  state.classList.toggle("ringing", rings);
  state.classList.toggle("live", live);
  $("phone-answer").disabled = !rings;
  $("phone-end").disabled = !(rings || live);
  $("phone-say").querySelector("button").disabled = !live;
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

const NAMES = { caller: "Quien llama" };
const who = (from) => NAMES[from] || (from?.startsWith("leg-") ? "Otra persona" : from);

const EVENTS = {
  ringing: () => {
    $("phone-heard").replaceChildren();  // what another caller said is nobody's business in this call
    show("Timbra: conteste", { rings: true });
    write("event", "Timbra");
  },
  answered: () => show("En llamada", { live: true }),
  said: ({ text, from }) => {
    show("En llamada", { live: true });
    write("said", from ? `${who(from)}: ${text}` : text);
    if ($("phone-voice").checked) say(text);
  },
  listening: () => show("En llamada", { live: true }),
  ended: () => { hush(); show("Listo para timbrar"); write("event", "Fin de la llamada"); },
};

function connect() {
  socket = new WebSocket(`${phone.dataset.carrier}/local/phone?number=${encodeURIComponent(`client:${phone.dataset.client}`)}`);
  socket.addEventListener("open", () => show("Listo para timbrar"));
  socket.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    EVENTS[event.event]?.(event);
  });
  socket.addEventListener("close", () => {
    hush();
    show("Sin la red telefónica local: se sigue intentando");
    setTimeout(connect, RETRY);
  });
}

const tell = (order) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(order));

if (phone?.dataset.client) {
  $("phone-answer").addEventListener("click", () => { tell({ do: "answer" }); show("En llamada", { live: true }); });
  $("phone-end").addEventListener("click", () => tell({ do: "hangup" }));
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
  connect();
}
