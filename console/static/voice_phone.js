// The telephone of the desk at Twilio (`make voice-sdk`): registers, rings, is answered and hung up.
const $ = (id) => document.getElementById(id);
const phone = $("phone");
const csrf = () => document.querySelector("input[name=csrf_token]").value;
let call = null;

function show(text, { rings = false, live = false } = {}) {
  $("phone-state").textContent = text;
  $("phone-state").classList.toggle("ringing", rings);
  $("phone-state").classList.toggle("live", live);
  $("phone-answer").disabled = !rings;
  $("phone-end").disabled = !(rings || live);
}

const ready = () => { call = null; show("Listo para timbrar"); };

async function token() {
  const body = new FormData();
  body.set("csrf_token", csrf());
  const answer = await fetch(phone.dataset.token, { method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).token;
}

async function begin() {
  if (!window.Twilio?.Device) return show("Falta el teléfono del navegador: ponga su número, o pida `make voice-sdk`");
  const device = new Twilio.Device(await token(), { logLevel: "error" });
  device.on("registered", ready);
  device.on("error", () => show("El teléfono del navegador no está listo: revise el micrófono y la red"));
  device.on("tokenWillExpire", async () => device.updateToken(await token()));
  device.on("incoming", (incoming) => {
    call = incoming;
    show("Timbra: conteste", { rings: true });
    incoming.on("accept", () => show("En llamada", { live: true }));
    for (const over of ["cancel", "disconnect", "reject", "error"]) incoming.on(over, ready);
  });
  await device.register();
}

if (phone?.dataset.token) {
  $("phone-answer").addEventListener("click", () => call?.accept());
  $("phone-end").addEventListener("click", () => (call?.status() === "pending" ? call.reject() : call?.disconnect()));
  // Closing the page would cut the call.
  addEventListener("beforeunload", (event) => call?.status() === "open" && event.preventDefault());
  begin().catch(() => show("El teléfono del navegador no pudo empezar: ponga su número"));
}
