// The preview beside the list: opening moves focus to it, closing gives focus back to the row.

const area = document.getElementById("queue-area");
const host = document.querySelector("[data-preview-host]");
/** @type {HTMLElement | null} */
let opener = null;

function mark() {
  for (const row of document.querySelectorAll("table[data-keys] tr[aria-current]")) row.removeAttribute("aria-current");
  opener?.closest("tr")?.setAttribute("aria-current", "true");
}

function close() {
  if (!host?.firstElementChild) return;
  host.replaceChildren();
  area?.classList.remove("beside");
  const link = opener?.isConnected ? opener : document.querySelector("table[data-keys] a.name");
  opener = null;
  mark();
  /** @type {HTMLElement | null} */ (link)?.focus();
}

if (host && area) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = /** @type {CustomEvent} */ (event).detail;
    if (target === host && elt instanceof HTMLElement && elt.matches("[data-preview]")) opener = elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.target !== host) return;
    area.classList.toggle("beside", Boolean(host.firstElementChild));
    mark();
    const title = host.querySelector("h2[tabindex]");
    if (title instanceof HTMLElement) title.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-preview-close]")) return;
    event.preventDefault();
    close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open], details[data-menu][open]")) close();
  });
}
