// A Spanish voice of the browser's, one sentence after another.
export const canSpeak = "speechSynthesis" in window;

function spanishVoice() {
  const voices = speechSynthesis.getVoices();
  return ["es-SV", "es-MX", "es-US", "es-CO", "es"].flatMap((wanted) =>
    voices.filter((voice) => voice.lang.replace("_", "-").startsWith(wanted)))[0];
}

export function say(text, { starts, ends } = {}) {
  if (!canSpeak) return;
  const sentence = new SpeechSynthesisUtterance(text);
  const voice = spanishVoice();
  if (voice) sentence.voice = voice;
  sentence.lang = voice ? voice.lang : "es-MX";
  if (starts) sentence.onstart = starts;
  if (ends) sentence.onend = sentence.onerror = ends;
  speechSynthesis.speak(sentence);
}

export function hush() {
  if (canSpeak) speechSynthesis.cancel();
}
