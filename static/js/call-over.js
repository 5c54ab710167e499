// The page after a call: a window of its own can be closed.
import "./forms.js";

const button = document.querySelector("[data-close-window]");
if (button && window.opener) {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => window.close());
}
