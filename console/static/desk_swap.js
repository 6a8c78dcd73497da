// From one page of the desk to another without leaving it: the telephone in the page may be in a call.
const OURS = /^\/(puesto|supervision|emergencia\/\d+|chats(\/\d+)?)$/;

export const isOurs = (url) => OURS.test(new URL(url, location.href).pathname);

// Opens a page, or the answer of a form, in the place of this one.
export async function goTo(url, { keepsAddress = false, ...asked } = {}) {
  let answer;
  try {
    answer = await fetch(url, asked);
  } catch {
    return false;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!isOurs(answer.url) || !fresh.querySelector("main")) {
    location.assign(answer.url);
    return true;
  }
  const typed = keepWhatIsTyped();
  keepTheTelephone(fresh);
  for (const part of ["header", "main"]) document.querySelector(part).replaceWith(fresh.querySelector(part));
  document.title = fresh.title;
  if (!keepsAddress) history.pushState(null, "", answer.url);
  begin(fresh);
  for (const detail of typed) document.dispatchEvent(new CustomEvent("case-carried", { detail }));
  document.querySelector("main [autofocus], main").focus();
  return true;
}

// The case of the call is kept while it is typed; its last words may not have been sent yet, and the page that comes was
// asked for before: where it has the same form, they go on in it.
function keepWhatIsTyped() {
  return [...document.querySelectorAll("form[data-typed-to]")].map((form) => {
    navigator.sendBeacon(form.dataset.typedTo, new FormData(form));
    return { where: form.dataset.typedTo, said: [...new FormData(form)] };
  });
}

function keepTheTelephone(fresh) {
  const mine = document.getElementById("phone");
  const place = fresh.getElementById("phone");
  if (mine && place) place.replaceWith(mine);
}

// What the new page needs and this one did not have; a module begins only once.
function begin(fresh) {
  for (const { href } of fresh.querySelectorAll("link[rel=stylesheet]")) {
    const { pathname } = new URL(href);
    if (document.querySelector(`link[rel=stylesheet][href^="${pathname}"]`)) continue;
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = pathname;
    document.head.append(link);
  }
  for (const { src, type } of fresh.querySelectorAll("script[src]")) {
    if (document.querySelector(`script[src="${new URL(src).pathname}"]`)) continue;
    const script = document.createElement("script");
    script.type = type;
    script.setAttribute("src", new URL(src).pathname);
    document.body.append(script);
  }
}

const isOnCall = () => document.querySelector('#phone-end:not(:disabled), #desk > .middle[data-kind]:not([data-kind=""])');

// Another page would end the telephone of this one: during a call it opens in another window.
function openBeside(link) {
  if (link.target && !("beside" in link.dataset)) return;
  link.dataset.beside = "";
  link.target = isOnCall() ? "_blank" : "";
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const isForDesk = link && ("dialog" in link.dataset || "close" in link.dataset);
  if (!link || isForDesk || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!isOurs(link.href)) return openBeside(link);
  event.preventDefault();
  goTo(link.href);
});
addEventListener("popstate", () => (isOurs(location.href) ? goTo(location.href, { keepsAddress: true }) : location.reload()));
