// The telephone of the desk at Twilio (`make voice-sdk`): registers, rings, is answered and hung up.
import { IN_ANOTHER_TAB, holdTelephone, onLeave, ready, showTelephone as show } from "./one_phone.js";

const $ = (id) => document.getElementById(id);
const phone = $("phone");
const csrf = () => document.querySelector("input[name=csrf_token]").value;
const RETRY = 2000;
let call = null;
let device = null;
let isHere = true; // and not in another tab
let wasMissing = false; // until it is registered it was not here

function isReady() {
  call = null;
  show(ready(wasMissing));
  wasMissing = false;
}

function isMissing(text, todo) {
  wasMissing = true;
  show(text, { isHere: false, todo });
}

async function token() {
  const body = new FormData();
  body.set("csrf_token", csrf());
  const answer = await fetch(phone.dataset.token, { method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).token;
}

function follow(one) {
  call = one;
  one.on("accept", () => show("En llamada", { live: true }));
  for (const over of ["cancel", "disconnect", "reject", "error"]) one.on(over, () => call === one && isReady());
}

// `edge` and `connectToken`: of what rang in the tab from which it was taken; it is answered with them.
async function begin({ edge, connectToken } = {}) {
  if (!window.Twilio?.Device) return isMissing("Falta el teléfono del navegador", "Ponga su número, o pida `make voice-sdk`.");
  device = new Twilio.Device(await token(), { logLevel: "error", ...(edge ? { edge } : {}) });
  device.on("registered", () => (call ? null : isReady()));
  device.on("unregistered", () => {
    if (!isHere) return;
    if (!call) isMissing("Sin la red telefónica: se sigue intentando", "Mientras tanto no le llega ninguna llamada a esta página.");
    setTimeout(() => isHere && device.register().catch(() => {}), RETRY);
  });
  device.on("error", () => (call ? null : isMissing("El teléfono del navegador no está listo", "Revise el micrófono y la red.")));
  device.on("tokenWillExpire", async () => device.updateToken(await token()));
  device.on("incoming", (incoming) => {
    follow(incoming);
    show("Timbra: conteste", { rings: true });
  });
  if (connectToken) follow(await device.connect({ connectToken }));
  await device.register();
}

if (phone?.dataset.token) {
  $("phone-answer").addEventListener("click", () => call?.accept());
  onLeave(() => call?.status() === "open", () => (call?.status() === "pending" ? call.reject() : call?.disconnect()));
  // Closing the page would cut the call.
  addEventListener("beforeunload", (event) => call?.status() === "open" && event.preventDefault());
  const start = (how) => begin(how).catch(() => isMissing("El teléfono del navegador no pudo empezar", "Ponga su número."));
  holdTelephone(`telephone ${phone.dataset.client}`, {
    isElsewhere: () => { wasMissing = true; show(...IN_ANOTHER_TAB); },
    isMine: (how) => {
      isHere = true;
      device?.destroy();
      start(how);
    },
    letGo: () => {
      const given = call?.status() === "pending" ? { edge: device.edge, connectToken: call.connectToken } : {};
      call?.ignore(); // declined, it would be nobody's
      call = null;
      isHere = false;
      wasMissing = true;
      device?.unregister().catch(() => {});
      show(...IN_ANOTHER_TAB);
      return given;
    },
  });
}
