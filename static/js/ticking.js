// Waiting times and response clocks tick in place: [data-since] and [data-clock][data-since][data-due] (see templatetags/ui.py).
import { text } from "./texts.js";

const NEAR = 0.75;

/** @param {number} minutes @returns {string} as staff read it */
export function duration(minutes) {
  if (minutes < 60) return text("minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return text("hours", { h: hours, m: String(minutes % 60).padStart(2, "0") });
  return text("days", { d: Math.floor(hours / 24), h: hours % 24 });
}

/** @param {Element} clock @param {number} now milliseconds */
function drawClock(clock, now) {
  const since = Date.parse(clock.getAttribute("data-since") ?? "");
  const due = Date.parse(clock.getAttribute("data-due") ?? "");
  const level = Number(clock.getAttribute("data-level"));
  if (Number.isNaN(since) || Number.isNaN(due)) return;
  const share = Math.max(0, Math.min(1, (now - since) / Math.max(1000, due - since)));
  const late = now > due;
  clock.setAttribute("class", `clock${late ? ` late${level === 1 || level === 2 ? " hot" : ""}` : share >= NEAR ? " near" : ""}`);
  clock.querySelector(".fg")?.setAttribute("stroke-dasharray", `${late ? 100 : Math.round(share * 100)} 100`);
  const words = clock.querySelector("[data-words]");
  const minutes = late ? Math.floor((now - due) / 60000) : Math.ceil((due - now) / 60000);
  const next = text(late ? "over" : "left", { time: duration(minutes) });
  if (words && words.textContent !== next) words.textContent = next;
}

/** Draw all clocks below an element. @param {ParentNode} [root] */
export function tick(root = document) {
  const now = Date.now();
  for (const clock of root.querySelectorAll("[data-clock]")) drawClock(clock, now);
  for (const time of root.querySelectorAll("time[data-since]")) {
    const since = Date.parse(time.getAttribute("data-since") ?? "");
    if (Number.isNaN(since)) continue;
    const next = duration(Math.max(0, Math.floor((now - since) / 60000)));
    if (time.textContent !== next) time.textContent = next;
  }
}

window.setInterval(() => document.visibilityState === "visible" && tick(), 10000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
