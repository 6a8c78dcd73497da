// Sends a panel that stands beside the case (the padrón, «no quiere recibir más»), and leaves the rest of the page as it is.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-beside-case]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.ask && !confirm(form.dataset.ask)) return;
  const part = form.closest("[data-part]");
  const { part: name } = part.dataset;
  const body = new FormData(form);
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": name } });
    if (answer.redirected || answer.status === 403) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(`[data-part="${name}"]`);
    if (!fresh) throw new Error(answer.status);
    part.replaceWith(fresh);
    (fresh.querySelector("[data-found]") ?? fresh.querySelector("input[name=who]"))?.focus();
  } catch {
    const problem = part.querySelector("[data-problem]");
    problem.textContent = form.dataset.offline;
    problem.hidden = false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
});
