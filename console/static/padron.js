// Searches the padrón beside the case, and leaves the rest of the page as it is.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-padron]");
  if (!form) return;
  event.preventDefault();
  const part = form.closest('[data-part="padron"]');
  const body = new FormData(form);
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "padron" } });
    if (answer.redirected || answer.status === 403) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector('[data-part="padron"]');
    if (!fresh) throw new Error(answer.status);
    part.replaceWith(fresh);
    (fresh.querySelector("[data-found]") ?? fresh.querySelector("input[name=who]")).focus();
  } catch {
    const problem = part.querySelector("[data-problem]");
    problem.textContent = "Sin conexión: no se buscó. Inténtelo otra vez.";
    problem.hidden = false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
});
