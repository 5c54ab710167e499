// Panels that are not feeds fetch their fragment again (htmx trigger "refetch"):
//   [data-feed][data-refetch]           when its own feed has changed
//   [data-refetch-object="note"]        when any feed tells of an object whose name starts so
// Many browsers hear the same news at once, so each waits a random moment. Focus inside the panel survives the swap.

/** @type {WeakMap<Element, number>} */
const planned = new WeakMap();

/** @param {Element} panel */
function refetch(panel) {
  if (planned.has(panel)) return;
  const timer = window.setTimeout(() => {
    planned.delete(panel);
    if (!panel.isConnected || panel.querySelector("form[data-dirty]")) return;
    /** @type {any} */ (window).htmx?.trigger(panel, "refetch");
  }, 200 + Math.random() * 800);
  planned.set(panel, timer);
}

document.addEventListener("live:changes", (event) => {
  const panel = /** @type {Element} */ (event.target);
  if (panel.hasAttribute("data-refetch")) refetch(panel);
  const items = /** @type {CustomEvent} */ (event).detail.items;
  for (const other of document.querySelectorAll("[data-refetch-object]")) {
    const name = other.getAttribute("data-refetch-object") ?? "";
    if (items.some((/** @type {any} */ item) => item.object.startsWith(name))) refetch(other);
  }
});

document.addEventListener("input", (event) => {
  if (event.target instanceof Element) event.target.closest("form")?.setAttribute("data-dirty", "");
});

/** @type {{panel: Element, href: string} | null} */
let held = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const panel = /** @type {CustomEvent} */ (event).detail.target;
  const active = document.activeElement;
  held = panel?.contains?.(active) && active instanceof HTMLAnchorElement ? { panel, href: active.href } : null;
});
document.addEventListener("htmx:afterSwap", () => {
  const link = held && [...held.panel.querySelectorAll("a")].find((one) => one.href === held?.href);
  if (link) link.focus({ preventScroll: true });
  held = null;
});
