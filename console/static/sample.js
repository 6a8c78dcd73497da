// «Lo que se oirá»: reads a sample call aloud, and marks the sentence that is being read.
import { canSpeak, hush, say } from "./speech.js";

function speaks(button) {
  const sentences = document.getElementById(button.dataset.speaks).querySelectorAll("[data-say]");
  let speaking = false;
  const stop = () => {
    speaking = false;
    hush();
    button.textContent = "Oír la llamada";
    sentences.forEach((sentence) => sentence.classList.remove("speaking"));
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (speaking) return stop();
    hush();
    speaking = true;
    button.textContent = "Callar";
    sentences.forEach((sentence, number) => say(sentence.textContent, {
      starts: () => sentence.classList.add("speaking"),
      ends: () => {
        sentence.classList.remove("speaking");
        if (number === sentences.length - 1) stop();
      },
    }));
  });
}

const begin = () => canSpeak && document.querySelectorAll("[data-speaks]").forEach(speaks);
begin();
document.addEventListener("counted", begin); // of a long list the samples come later (counting.js)
