// The resource picker: search by unit, role or name. Without script the whole tree stands on the page.
// Units and roles that do not match are hidden; a unit that matches shows all it has. What is chosen stays visible.

/** @param {Element} row @returns {string} */
const nameOf = (row) => (row.querySelector("[data-picker-name]")?.textContent ?? "").trim().toLowerCase();

/** @param {HTMLElement} picker @param {string} words */
function search(picker, words) {
  const wanted = words.trim().toLowerCase();
  let found = 0;
  for (const node of picker.querySelectorAll("details[data-picker-node]")) {
    const whole = nameOf(node.querySelector("summary") ?? node).includes(wanted);
    let some = false;
    for (const leaf of node.querySelectorAll("[data-picker-leaf]")) {
      const chosen = leaf.querySelector("input:checked") !== null;
      const shown = !wanted || whole || chosen || nameOf(leaf).includes(wanted);
      leaf.toggleAttribute("hidden", !shown);
      some ||= shown;
    }
    node.toggleAttribute("hidden", !some);
    found += some ? 1 : 0;
    if (wanted && some) node.setAttribute("open", "");
  }
  for (const heading of picker.querySelectorAll("[data-picker-group]")) heading.toggleAttribute("hidden", Boolean(wanted));
  picker.querySelector("[data-picker-none]")?.toggleAttribute("hidden", found > 0);
}

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.matches("[data-picker-search]")) return;
  const picker = /** @type {HTMLElement | null} */ (box.closest("[data-picker]"));
  if (picker) search(picker, box.value);
});

document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.matches("[data-picker-search]")) return;
  if (event.key === "Enter") event.preventDefault(); // a search never sends the form
  if (event.key !== "ArrowDown") return;
  const first = box.closest("[data-picker]")?.querySelector("details:not([hidden])[open] .leaf:not([hidden]) input:not(:disabled)");
  if (!(first instanceof HTMLElement)) return;
  event.preventDefault();
  first.focus();
});
