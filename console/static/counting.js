// What is still being counted is asked for every second and a half, and put where it belongs; the rest of the page, and
// what was typed in it, stays. Without this the page asks by itself.
const here = new URL(location.href);
here.searchParams.delete("contar"); // else it would be counted anew at each look

async function look() {
  try {
    const answer = await fetch(here, { headers: { "X-Part": "counted" } });
    if (answer.redirected) return location.reload(); // signed out, say
    if (answer.ok && put(new DOMParser().parseFromString(await answer.text(), "text/html"))) return;
  } catch { /* no connection: the next look may have one */ }
  setTimeout(look, 1500);
}

// Whether nothing is being counted any more.
function put(fresh) {
  if (fresh.querySelector("[data-counting]")) return false;
  for (const part of document.querySelectorAll("[data-counted]")) {
    const counted = fresh.getElementById(part.id);
    if (counted) part.replaceWith(counted);
  }
  document.dispatchEvent(new Event("counted"));
  return true;
}
setTimeout(look, 500);
