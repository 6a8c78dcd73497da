// Makes a part of the page as it should be, touching only what differs: focus, scroll and what is typed stay.
// data-key: which child is which. data-keep: never touched. data-once: replaced only when its value changes.
const keyOf = (node) => (node.nodeType === 1 ? node.dataset.key || node.id || "" : "");
const isAlike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
const isTyped = (element) => element.matches("input:not([type=hidden]), textarea, select");

function attributes(old, fresh) {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value && !(isTyped(old) && name === "value")) old.setAttribute(name, value);
}

export function morph(old, fresh) {
  if (old.nodeType !== 1) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.hasAttribute("data-keep")) return;
  if (old.hasAttribute("data-once") && old.dataset.once === fresh.dataset.once) return;
  attributes(old, fresh);
  if (isTyped(old)) return;
  children(old, fresh);
}

function children(old, fresh) {
  let here = old.firstChild;
  const left = [...fresh.childNodes];
  for (const wanted of [...left]) {
    left.shift();
    const same = here && isAlike(here, wanted) ? here : laterWithItsKey(here, wanted);
    if (!same) {
      old.insertBefore(wanted, here);
      continue;
    }
    while (here !== same && !isWanted(here, left)) here = without(here); // what stays is not moved: it may have the focus
    if (same !== here) old.insertBefore(same, here);
    else here = here.nextSibling;
    morph(same, wanted);
  }
  while (here) here = without(here);
}

const isWanted = (node, among) => Boolean(keyOf(node)) && among.some((each) => isAlike(node, each));

function without(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function laterWithItsKey(from, wanted) {
  if (!keyOf(wanted)) return null;
  for (let each = from; each; each = each.nextSibling) if (isAlike(each, wanted)) return each;
  return null;
}
