// What the telephone of one browser does, told from the page that has it to the others: a band says that it rings there.
const CHANNEL = "desk telephone";
const others = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
let band;
let onTake; // in a page that can have the telephone

export const tellOthers = (what) => others?.postMessage(what);
export const onTold = (hear) => others?.addEventListener("message", ({ data }) => hear(data));
export const offerToTake = (take) => (onTake = take);

export function showThatItRings(isSo) {
  if (!isSo) return void (band = band?.remove());
  if (band) return;
  band = document.createElement("div");
  band.id = "rings-elsewhere";
  band.className = "text-bg-primary sticky-top px-3 py-2 d-flex flex-wrap gap-2 justify-content-center align-items-center";
  band.setAttribute("role", "alert");
  const words = document.createElement("strong");
  words.textContent = "Está timbrando en su otra pestaña";
  band.append(words);
  if (onTake) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-light btn-sm";
    button.textContent = "Contestar aquí";
    button.addEventListener("click", onTake);
    band.append(button);
  }
  document.body.prepend(band);
}

onTold(({ state }) => state && showThatItRings(state === "rings"));
tellOthers({ asks: true });
