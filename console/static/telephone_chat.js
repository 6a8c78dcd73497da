// A person's side of a written conversation, on the local carrier: writes, sends, and reads the answers.
const $ = (id) => document.getElementById(id);
const person = $("person");
const SENT = { photo: "Foto de un documento", bill: "Foto de un recibo", voice: "Nota de voz", document: "Archivo", place: "Ubicación" };
let socket = null;

function number(text) {
  const plain = text.replace(/[^\d+]/g, "");
  return plain.startsWith("+") ? plain : person.dataset.prefix + plain;
}

function show({ text, at, mine, sends }) {
  const row = document.createElement("div");
  row.className = mine ? "said operator" : "said citizen";
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  const words = document.createElement("p");
  words.className = "words mb-0";
  words.textContent = [SENT[sends], text].filter(Boolean).join(": ");
  const when = document.createElement("p");
  when.className = "when mb-0";
  const asked = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: person.dataset.zone };
  when.textContent = new Date(at).toLocaleTimeString("es", asked);
  bubble.append(words, when);
  row.append(bubble);
  $("thread").append(row);
  $("thread").scrollTop = $("thread").scrollHeight;
}

function ready(isReady, text) {
  $("chat-state").textContent = text;
  for (const button of person.querySelectorAll("#write button, [data-send]")) button.disabled = !isReady;
}

function connect() {
  socket?.close();
  const own = number($("own").value);
  const asked = new URLSearchParams({ number: own, to: $("line").value });
  const mine = (socket = new WebSocket(`${person.dataset.carrier}/local/chat?${asked}`));
  ready(false, "Conectando…");
  mine.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (mine !== socket) return;
    if (event.event === "message") return show(event);
    if (event.event === "refused") return void ($("chat-state").textContent = "No salió: ese número ya no recibe WhatsApp");
    $("thread").replaceChildren();
    event.said.forEach(show);
    ready(true, `Conectado: ${own}`);
  });
  mine.addEventListener("close", () => {
    if (mine === socket) ready(false, "Sin conexión: revise el número y que la red telefónica local esté en marcha");
  });
}

const tell = (order) => socket.send(JSON.stringify(order));

if (person) {
  $("owner").addEventListener("submit", (event) => { event.preventDefault(); connect(); });
  $("line").addEventListener("change", connect);
  $("write").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("words").value.trim();
    if (!text || $("write").querySelector("button").disabled) return;
    tell({ do: "write", text });
    $("words").value = "";
  });
  $("words").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    $("write").requestSubmit();
  });
  for (const button of person.querySelectorAll("[data-send]")) button.addEventListener("click", () => tell({ do: "send", what: button.dataset.send }));
  connect();
}
