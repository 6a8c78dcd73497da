// A handset on the local carrier: hears by events, speaks with the browser's voice, sends keys.
import { hush, say } from "./speech.js";

const $ = (id) => document.getElementById(id);
const handset = $("handset");
const keys = [...handset.querySelectorAll("[data-key]")];
const state = { socket: null, own: "", phase: "off" };  // off · idle · dialling · ringing · live

let waiting; // for a key

function show(phase, text) {
  clearTimeout(waiting);
  state.phase = phase;
  const line = $("line-state");
  line.textContent = text;
  line.classList.toggle("live", phase === "live");
  line.classList.toggle("ringing", phase === "ringing");
  keys.forEach((key) => { key.disabled = phase !== "live"; });
  $("words").disabled = $("say-it").disabled = phase !== "live";
  $("hang-up").disabled = !["dialling", "ringing", "live"].includes(phase);
  $("call").disabled = ["dialling", "live"].includes(phase);
  $("call").textContent = phase === "ringing" ? "Contestar" : "Llamar";
}

function write(kind, text) {
  $("nothing").hidden = true;
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = text;
  $("transcript").append(item);
  showNewest();
}

function showNewest() {
  $("transcript").scrollTop = $("transcript").scrollHeight;
}

function writeKey(key) {
  const last = $("transcript").lastElementChild;
  if (!last || last.className !== "key") return write("key", key);
  last.textContent += key;  // what is keyed in one go is read in one go
  showNewest();
}

function number(text) {
  const plain = text.replace(/[^\d+]/g, "");
  return plain.startsWith("+") ? plain : handset.dataset.prefix + plain;
}

// The closing that follows says no more than this.
function isGone(text) {
  hush();
  state.socket = null;
  show("off", `${text}: ciérrelo allí, o elija otro número`);
}

const idle = () => show("idle", `Conectado: ${state.own}`);

const EVENTS = {
  ringing: ({ from }) => { show("ringing", `Suena: llama el ${from}`); write("event", `Llamada del ${from}`); },
  answered: () => { show("live", "En llamada"); write("event", "En llamada"); },
  said: ({ text, from }) => { show("live", "En llamada"); write("said", from ? `Otra persona: ${text}` : text); if ($("voice").checked) say(text); },
  listening: ({ timeout }) => {
    show("live", "En llamada: espera una tecla");
    waiting = setTimeout(() => show("live", "En llamada"), timeout * 1000);
  },
  together: () => show("live", "En llamada"),
  refused: ({ is_busy }) => isGone(is_busy ? "Ese teléfono está en una llamada en otra página" : "Ese teléfono está en otra página"),
  taken: () => isGone("Ese teléfono se abrió en otra página"),
  sms: ({ text }) => write("sms", `Mensaje de texto: ${text}`),
  ended: ({ by }) => {
    hush();
    write("event", { person: "Usted colgó", carrier: "La llamada terminó", application: "La línea colgó" }[by] || "La llamada terminó");
    idle();
  },
};

function connect() {
  const own = number($("own").value);
  if (state.socket && state.own === own && state.socket.readyState === WebSocket.OPEN) return Promise.resolve(true);
  if (state.socket) state.socket.close();
  state.own = own;
  show("off", "Conectando…");
  return new Promise((done) => {
    const socket = new WebSocket(`${handset.dataset.carrier}/local/phone?number=${encodeURIComponent(own)}&take=yes`);
    state.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const event = JSON.parse(data);
      if (event.event === "ready") { idle(); done(true); }
      if (socket === state.socket && EVENTS[event.event]) EVENTS[event.event](event);
    });
    socket.addEventListener("close", () => {
      done(false);
      if (socket !== state.socket) return;
      hush();
      show("off", "Sin conexión: revise el número y que la red telefónica local esté en marcha");
    });
  });
}

const tell = (order) => state.socket.send(JSON.stringify(order));

function press(key) {
  if (state.phase !== "live") return;
  hush();
  writeKey(key);
  show("live", "En llamada");
  tell({ do: "key", key });
}

async function callOrAnswer() {
  if (state.phase === "ringing") return tell({ do: "answer" });
  if (!await connect()) return;
  const line = $("line");
  show("dialling", "Llamando…");
  write("event", `Llamando a ${line.selectedOptions[0].textContent}`);
  tell({ do: "dial", to: line.value });
}

$("owner").addEventListener("submit", (event) => { event.preventDefault(); connect(); });
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("words").value.trim();
  if (!text || state.phase !== "live") return;
  tell({ do: "say", text });
  write("key", `Usted: ${text}`);
  $("words").value = "";
});
$("dial").addEventListener("submit", (event) => event.preventDefault());
$("call").addEventListener("click", callOrAnswer);
$("hang-up").addEventListener("click", () => { hush(); tell({ do: "hangup" }); });
$("voice").addEventListener("change", () => { if (!$("voice").checked) hush(); });
keys.forEach((key) => key.addEventListener("click", () => press(key.dataset.key)));
$("apart").addEventListener("click", () => window.open(location.href, "telefono", "width=400,height=760"));
document.addEventListener("keydown", (event) => {
  const isWriting = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (isWriting || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(event.key)) return;
  event.preventDefault();
  press(event.key);
});
