// The chip that says how fresh the page is, and the banner when there is no connection.
import { text } from "./texts.js";

const SEEN = { connected: "ok", slow: "slow", polling: "polling", off: "off" };
const WORDS = { connected: "connected", slow: "slow", polling: "polling", off: "off" };

/** @param {number} at @returns {string} time of day, 10:42:07 */
const clock = (at) => new Date(at).toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

document.addEventListener("live:state", (event) => {
  const { state, changed, at, reason } = /** @type {CustomEvent} */ (event).detail;
  const key = /** @type {keyof typeof WORDS} */ (state);
  const words = reason === "signed_out" ? text("signed_out") : text(WORDS[key]);
  for (const chip of document.querySelectorAll("[data-sync]")) {
    chip.setAttribute("data-state", SEEN[key]);
    const time = chip.querySelector("[data-sync-time]");
    if (time) time.textContent = reason || state === "polling" ? "" : clock(at);
    const place = chip.hasAttribute("data-sync-words") ? chip : chip.querySelector("[data-sync-words]");
    // Words are written only when the state changes, so that a live region does not repeat them; calm states are not said.
    if (changed && place) place.textContent = chip.hasAttribute("data-sync-words") && state === "connected" ? "" : words;
  }
  if (!changed) return;
  const away = state === "off" && reason !== "signed_out";
  for (const banner of document.querySelectorAll("[data-offline]")) banner.toggleAttribute("hidden", !away);
  for (const button of document.querySelectorAll("[data-take]")) {
    if (state === "off") button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
});
