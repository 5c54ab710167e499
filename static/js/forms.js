// Plain forms: focus on what is wrong, send on change, never twice, keep nothing of the person after signing out.
import "./chat-store.js";

document.documentElement.classList.add("scripted");

// A page that answered a form is asked for by its address when it is reloaded or come back to: a phone's back button never
// ends at the browser's "send the form again?".
window.history.replaceState(window.history.state, "", window.location.href);

/** Focus goes to the error summary first (its links lead to the fields). */
function focusErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (summary instanceof HTMLElement) summary.focus();
}

document.addEventListener("change", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form[data-submit-on-change]") : null;
  if (form instanceof HTMLFormElement) form.requestSubmit();
});

// A second press while the first is on its way does nothing; coming back with the browser's back button frees the form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || form.hasAttribute("data-composer")) return;
  if (form.dataset.sent) return event.preventDefault();
  if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
});

// A click on an error's link moves the keyboard too, also to groups of choices.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-error-summary] a[href^='#']") : null;
  const field = link && document.getElementById(link.getAttribute("href")?.slice(1) ?? "");
  if (!field) return;
  event.preventDefault();
  const control = field.matches("input, textarea, select") ? field : (field.querySelector("input, textarea, select") ?? field);
  /** @type {HTMLElement} */ (control).focus();
});

focusErrors();
document.addEventListener("htmx:afterSettle", (event) => {
  const part = /** @type {CustomEvent} */ (event).detail.elt;
  if (part?.querySelector?.("[data-error-summary]")) focusErrors();
});
