// The vårdgivarchatt: its icon (and the key I) opens and closes the pane; what is seen is told; sent text leaves the box.
import { csrfToken, isTyping } from "./dom.js";

const pane = () => document.querySelector("[data-internal]");
const toggle = () => document.querySelector("[data-internal-toggle]");

function mark() {
  const open = pane() !== null;
  toggle()?.setAttribute("aria-pressed", String(open));
  const host = pane();
  if (!(host instanceof HTMLElement) || document.visibilityState !== "visible") return;
  const log = host.querySelector("[data-internal-last]");
  if (!(log instanceof HTMLElement) || Number(log.dataset.internalUnread) === 0) return;
  log.dataset.internalUnread = "0";
  const body = new URLSearchParams({ seq: log.dataset.internalLast ?? "0" });
  fetch(host.dataset.seenUrl ?? "", { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": csrfToken() }, body }).catch(() => undefined);
}

async function open() {
  const chat = document.querySelector(".case > .p-chat");
  const link = toggle();
  if (!(chat instanceof HTMLElement) || !(link instanceof HTMLAnchorElement)) return;
  const htmx = /** @type {any} */ (window).htmx;
  await htmx.ajax("GET", link.href, { target: chat, swap: "afterend" });
  const box = document.querySelector("[data-internal-text]");
  if (box instanceof HTMLElement) box.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-internal-toggle]") : null;
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || !document.querySelector(".case > .p-chat")) return;
  event.preventDefault();
  const shown = pane();
  if (!shown) return void open();
  const box = shown.querySelector("[data-internal-text]");
  if (box instanceof HTMLTextAreaElement && box.value.trim()) return box.focus(); // half a line is not thrown away
  shown.remove();
  mark();
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "i" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || document.body.dataset.shortcuts === "off") return;
  const link = toggle();
  if (!(link instanceof HTMLElement)) return;
  event.preventDefault();
  link.click();
});

document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLTextAreaElement) || !box.matches("[data-internal-text]")) return;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (box.value.trim()) box.form?.requestSubmit();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent} */ (event).detail;
  if (!successful || !elt.matches?.("[data-internal-form]")) return;
  elt.reset();
  elt.removeAttribute("data-dirty");
});

document.addEventListener("htmx:afterSettle", mark);
document.addEventListener("visibilitychange", mark);

// No longer a guest, handed over: the pane goes with what stands in it.
document.addEventListener("live:refused", (event) => {
  const from = event.target;
  if (from instanceof HTMLElement && (from.id === "internal-log" || from.id === "colleague-icons" || from.id === "case-head")) {
    pane()?.remove();
    document.getElementById("colleague-icons")?.replaceChildren();
  }
});

mark();
