// What the page tells: toasts for the eye, one polite live region for screen readers (at most every 5 s, summed).
import { make } from "./dom.js";
import { text } from "./texts.js";

const PAUSE_MS = 5000;
/** @type {Map<string, number>} */
const counted = new Map();
/** @type {Set<string>} */
const said = new Set();
let lastAt = 0;
let timer = 0;

function flush() {
  timer = 0;
  const region = document.getElementById("live-region");
  if (!region) return;
  const parts = [...[...counted].map(([key, n]) => text(key, { n })), ...said];
  counted.clear();
  said.clear();
  lastAt = Date.now();
  region.textContent = parts.join(", ");
}

function plan() {
  if (!timer) timer = window.setTimeout(flush, Math.max(300, lastAt + PAUSE_MS - Date.now()));
}

/** Count something that happened; the sum is said. @param {string} key text with {n} @param {number} [n] */
export function announceCount(key, n = 1) {
  counted.set(key, (counted.get(key) ?? 0) + n);
  plan();
}

/** @param {string} words said once in the next announcement */
export function announce(words) {
  said.add(words);
  plan();
}

/**
 * Show a toast. It stays until closed when it holds a link or says that something failed, otherwise 8 s.
 * @param {string} words
 * @param {{kind?: string, href?: string, link?: string}} [options]
 * @returns {HTMLElement | undefined} the toast, for who wants to take it back
 */
export function toast(words, options = {}) {
  const host = document.getElementById("toasts");
  if (!host) return undefined;
  const box = make("div", { class: `toast${options.kind ? ` toast--${options.kind}` : ""}`, "data-toast": "" }, [
    make("p", { class: "grow" }, [words]),
  ]);
  if (options.href) box.append(make("a", { href: options.href }, [options.link ?? text("open")]));
  box.append(make("button", { type: "button", "data-dismiss": "" }, [text("close")]));
  host.append(box);
  if (!options.href && options.kind !== "bad") window.setTimeout(() => dismiss(box), 8000);
  return box;
}

/** @param {Element} box */
function dismiss(box) {
  if (!box.matches(":hover") && !box.contains(document.activeElement)) box.remove();
  else window.setTimeout(() => dismiss(box), 3000);
}

// What went well and was drawn by the server goes by itself too.
for (const box of document.querySelectorAll("#toasts [data-toast]:not(.toast--error, .toast--bad, .toast--warning)")) {
  window.setTimeout(() => dismiss(box), 8000);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-dismiss]") : null;
  button?.closest("[data-toast]")?.remove();
});
