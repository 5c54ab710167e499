// What every htmx request needs: an idempotency key per intent, refusals in their own place, words when nothing answers.
import { newId } from "./dom.js";
import { toast } from "./notices.js";
import { text } from "./texts.js";

/** @type {WeakMap<Element, string>} one key per button until the server has answered */
const keys = new WeakMap();

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, verb, headers } = /** @type {CustomEvent} */ (event).detail;
  if (elt.getAttribute?.("aria-disabled") === "true") return event.preventDefault();
  if (verb === "get") return;
  if (!keys.has(elt)) keys.set(elt, newId());
  headers["Idempotency-Key"] = keys.get(elt);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = /** @type {CustomEvent} */ (event).detail;
  if (xhr?.status) keys.delete(elt);
});

// A refusal says who, when and what to do: above the page (or in the open dialog), never over what was typed.
document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  const { status, responseText } = detail.xhr;
  if (status < 400) {
    if (detail.requestConfig?.verb !== "get") document.getElementById("refusals")?.replaceChildren();
    return;
  }
  if (status !== 409 && !(/data-refusal=/.test(responseText) && !/<!doctype/i.test(responseText))) return;
  const place = detail.elt.closest("dialog[open]")?.querySelector("[data-refusals]") ?? document.getElementById("refusals");
  if (!place) return;
  detail.shouldSwap = true;
  detail.isError = false;
  detail.target = place;
  detail.swapOverride = "innerHTML";
});

document.addEventListener("htmx:sendError", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.requestConfig?.verb !== "get") toast(text("no_contact"), { kind: "bad" });
});
document.addEventListener("htmx:responseError", (event) => {
  const { requestConfig, xhr } = /** @type {CustomEvent} */ (event).detail;
  if (/data-refusal=/.test(xhr.responseText)) return;
  if (requestConfig?.verb !== "get" || xhr.status >= 500) toast(text("too_old"), { kind: "bad" });
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("#refusals [data-close-refusal]") : null;
  if (button) document.getElementById("refusals")?.replaceChildren();
});
