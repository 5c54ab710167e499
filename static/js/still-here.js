// Tells the server, at most every five minutes, that somebody is typing in a chat or note, so that an automatic return
// after closing leaves the case alone (SHF-08). The server keeps it only where and when that could happen.
import { csrfToken } from "./dom.js";

const EVERY = 5 * 60 * 1000;
let last = 0;

document.addEventListener("input", (event) => {
  const place = event.target instanceof Element && event.target.closest("[data-still-here]");
  if (!place || Date.now() - last < EVERY) return;
  last = Date.now();
  fetch(place.getAttribute("data-still-here") ?? "", { method: "POST", headers: { "X-CSRFToken": csrfToken() }, keepalive: true }).catch(() => {
    last = 0;
  });
});
