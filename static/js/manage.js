// Manage: [data-copy-from="id"] copies that element's text and says so in the button.
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy-from]") : null;
  if (!(button instanceof HTMLElement)) return;
  const source = document.getElementById(button.dataset.copyFrom ?? "");
  try {
    await navigator.clipboard.writeText((source?.innerText ?? "").trim());
  } catch {
    // The text stays on the page to be marked by hand.
    return;
  }
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  said.textContent = ` ${button.dataset.copied ?? ""}`;
  button.parentElement?.querySelector("[role=status]")?.remove();
  button.after(said);
});
