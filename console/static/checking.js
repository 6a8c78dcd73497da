// How far the rows of an upload have come, asked once a second; then its review. Without this the page asks by itself.
const place = document.getElementById("checking");
const stage = document.getElementById("stage");
const progress = document.getElementById("progress");
const rows = document.getElementById("rows");
const told = document.getElementById("told");

function show(found) {
  if (stage.textContent !== found.label) told.textContent = found.label; // said aloud once a stage, not once a second
  stage.textContent = found.label;
  rows.textContent = found.rows;
  if (found.percent === null) progress.removeAttribute("value");
  else progress.value = found.percent;
}

async function look() {
  try {
    const answer = await fetch(place.dataset.where, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return location.reload(); // signed out, say
    const found = await answer.json();
    if (found.url) return location.replace(found.url);
    show(found);
  } catch { /* no connection: the next look may have one */ }
  setTimeout(look, 1000);
}
setTimeout(look, 300);
