// Keyboard of the staff pages. Single letters work only outside text fields and can be switched off in Inställningar.
import { openDialog } from "./dialog.js";
import { isTyping } from "./dom.js";

/** @returns {HTMLTableRowElement[]} */
const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr")].filter((row) => row instanceof HTMLTableRowElement);
/** @param {Element | undefined} row */
const link = (row) => /** @type {HTMLElement | null} */ (row?.querySelector("a.name") ?? null);

/** @param {number} step @returns {boolean} */
function move(step) {
  const all = rows();
  if (!all.length) return false;
  const now = all.findIndex((row) => row.contains(document.activeElement));
  const shown = all.findIndex((row) => row.hasAttribute("aria-current"));
  const from = now >= 0 ? now : shown >= 0 ? shown : step > 0 ? -1 : all.length;
  link(all[Math.max(0, Math.min(all.length - 1, from + step))])?.focus();
  return true;
}

/** @returns {boolean} */
function take() {
  const row = document.activeElement?.closest("table[data-keys] tbody tr");
  const button = row?.querySelector("[data-take]") ?? document.querySelector("[data-take-preview]");
  if (!(button instanceof HTMLElement) || button.getAttribute("aria-disabled") === "true") return false;
  button.click();
  return true;
}

/** @returns {boolean} the next own case with something unread */
function nextUnread() {
  const own = [...document.querySelectorAll("[data-own]")].filter((one) => one.querySelector("[data-unread]"));
  const now = own.findIndex((one) => one.hasAttribute("aria-current"));
  const next = own[(now + 1) % (own.length || 1)];
  if (next instanceof HTMLAnchorElement) next.click();
  return Boolean(next);
}

/** @returns {boolean} */
function sort() {
  document.dispatchEvent(new CustomEvent("queue:sort"));
  return true;
}

/** @returns {boolean} */
function compose() {
  const box = document.querySelector("[data-message-text]");
  if (box instanceof HTMLElement) box.focus();
  return box instanceof HTMLElement;
}

/** @param {string} letter @returns {boolean} what the page itself offers on this letter */
function follow(letter) {
  const way = document.querySelector(`[data-shortcut="${letter}"]`);
  if (way instanceof HTMLElement) way.click();
  return way instanceof HTMLElement;
}

/** @type {Record<string, () => boolean>} */
const LETTERS = {
  j: () => move(1),
  k: () => move(-1),
  t: take,
  r: sort,
  m: compose,
  l: () => follow("l"),
  n: () => follow("n"),
  "/": () => follow("/"),
  "?": () => openDialog("shortcuts"),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.altKey && !event.ctrlKey && event.key.toLowerCase() === "n" && nextUnread()) return event.preventDefault();
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const inTable = document.activeElement?.closest("table[data-keys]");
  if (event.key === "ArrowDown" && inTable && move(1)) return event.preventDefault();
  if (event.key === "ArrowUp" && inTable && move(-1)) return event.preventDefault();
  if (document.body.dataset.shortcuts === "off") return;
  const act = LETTERS[event.key.length === 1 ? event.key.toLowerCase() : ""];
  if (act?.()) event.preventDefault();
});
