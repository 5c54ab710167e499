// Native dialogs: [data-dialog="id"] opens, [data-close] closes, focus goes back to what opened it; open menus close with Esc.

/** @type {WeakMap<HTMLDialogElement, HTMLElement>} */
const openers = new WeakMap();
/** @type {HTMLElement | null} what asked the server for a dialog */
let asked = null;

/** @param {string} id @param {HTMLElement | null} [opener] @returns {boolean} */
export function openDialog(id, opener = null) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return false;
  if (opener) openers.set(dialog, opener);
  dialog.showModal();
  dialog.addEventListener("close", () => openers.get(dialog)?.focus(), { once: true });
  return true;
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const opener = /** @type {HTMLElement | null} */ (event.target.closest("[data-dialog]"));
  if (opener) {
    const menu = opener.closest("details[data-menu]");
    if (menu) menu.removeAttribute("open");
    openDialog(opener.dataset.dialog ?? "", menu?.querySelector("summary") ?? opener);
  }
  const asking = /** @type {HTMLElement | null} */ (event.target.closest('[hx-get][aria-haspopup="dialog"]'));
  if (asking) {
    const menu = asking.closest("details[data-menu]");
    menu?.removeAttribute("open");
    asked = menu?.querySelector("summary") ?? asking;
  }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.removeAttribute("open");
  menu.querySelector("summary")?.focus();
  event.stopImmediatePropagation();
});

// A dialog that the server drew open, or with errors, opens by itself; without script it stands on the page.
for (const dialog of document.querySelectorAll("dialog[data-open]")) {
  dialog.removeAttribute("open");
  openDialog(dialog.id);
}
document.addEventListener("htmx:afterSettle", () => {
  for (const dialog of document.querySelectorAll("dialog[data-open]:not([open])")) {
    dialog.removeAttribute("data-open"); // closed by the user it stays closed, whatever settles next
    openDialog(dialog.id, asked);
  }
});
