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
    if (!panel.isConnected || panel.querySelector("form[data-dirty], details.release[open]")) return;
    /** @type {any} */ (window).htmx?.trigger(panel, "refetch");
  }, 200 + Math.random() * 800);
  planned.set(panel, timer);
}

// [data-refetch-every="60"]: also as often as that, in seconds, for what no feed tells of (who is on shift).
window.setInterval(() => {
  for (const panel of document.querySelectorAll("[data-refetch-every]")) {
    const every = Number(panel.getAttribute("data-refetch-every"));
    if (!document.hidden && every && Math.floor(Date.now() / 1000) % every < 5) refetch(panel);
  }
}, 5000);

document.addEventListener("live:changes", (event) => {
  const panel = /** @type {Element} */ (event.target);
  if (panel.hasAttribute("data-refetch")) refetch(panel);
  const items = /** @type {CustomEvent} */ (event).detail.items;
  for (const other of document.querySelectorAll("[data-refetch-object]")) {
    const name = other.getAttribute("data-refetch-object") ?? "";
    if (items.some((/** @type {any} */ item) => item.object.startsWith(name))) refetch(other);
  }
});

// [data-place="own"]: the feed itself brings the panel's HTML, drawn for everyone; what is current is marked here.
document.addEventListener("live:changes", (event) => {
  const host = /** @type {HTMLElement} */ (event.target);
  for (const item of /** @type {CustomEvent} */ (event).detail.items) {
    if (item.op === "put" && item.html && host.dataset.place === item.object) place(host, item.html);
    if (item.data?.unread === undefined || item.object !== "own") continue;
    for (const total of document.querySelectorAll("[data-unread-total]")) {
      total.toggleAttribute("hidden", !item.data.unread);
      const number = total.querySelector("[data-number]");
      if (number) number.textContent = String(item.data.unread);
    }
  }
});

/** @param {HTMLElement} host @param {string} html */
function place(host, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const href = document.activeElement instanceof HTMLAnchorElement && host.contains(document.activeElement) ? document.activeElement.href : "";
  host.replaceChildren(template.content);
  markCurrent(host);
  if (href) [...host.querySelectorAll("a")].find((one) => one.href === href)?.focus({ preventScroll: true });
}

/** @param {ParentNode} host */
function markCurrent(host) {
  for (const link of host.querySelectorAll("a[data-own]")) {
    if (/** @type {HTMLAnchorElement} */ (link).pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
}
document.addEventListener("htmx:afterSwap", () => markCurrent(document));

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
