// How a test call stands, asked once a second until there is no more to tell.
const place = document.getElementById("test-call");
const told = document.getElementById("told");

async function look() {
  try {
    const answer = await fetch(place.dataset.where, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const found = await answer.json();
    if (told.textContent !== found.told) told.textContent = found.told; // said aloud once, not once a second
    if (!found.is_open) return;
  } catch { /* no connection: the next look may have one */ }
  setTimeout(look, 1000);
}
if (place.dataset.where) setTimeout(look, 1000);
