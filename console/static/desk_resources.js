// Looking through the resources of the line while one talks: what does not have the words is left out of sight.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

document.addEventListener("input", (event) => {
  const where = event.target.dataset.finds;
  if (!where) return;
  const words = plain(event.target.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const each of document.querySelectorAll(where)) {
    each.hidden = !words.every((word) => plain(each.textContent).includes(word));
    found += !each.hidden;
  }
  event.target.closest("[data-once]").querySelector("[data-none-found]").hidden = found > 0;
});
