// On the case page: the icons above the chat open the window of a call (VID-01, VID-02).
// The panel is fetched again when the call changes, and when the patient comes to the service or has been silent for a while.

const SILENT_MS = 40000;
const WINDOW = "popup,width=1040,height=760";
let silence = 0;

const panel = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-call-panel]"));
const form = () => panel()?.querySelector("[data-call-form]") ?? null;
const refetch = () => /** @type {any} */ (window).htmx?.trigger(panel(), "refetch");

/** Whether the patient is there is the server's to say; it is asked again now and then. */
function watch() {
  window.clearTimeout(silence);
  silence = window.setTimeout(() => {
    if (form() && document.visibilityState === "visible") refetch();
    watch();
  }, SILENT_MS);
}

document.addEventListener("live:frame", (event) => {
  const frame = /** @type {CustomEvent} */ (event).detail;
  if (frame.kind !== "presence" || frame.feed !== panel()?.dataset.callPanel) return;
  watch();
  const here = form();
  if (here && !here.hasAttribute("data-online")) refetch();
});

document.addEventListener(
  "submit",
  (event) => {
    const asked = event.target;
    if (!(asked instanceof HTMLFormElement) || !asked.hasAttribute("data-call-form")) return;
    if (/** @type {SubmitEvent} */ (event).submitter?.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    window.open("", asked.target, WINDOW);
    // The page stays: with the same key a second press finds the same call.
    window.setTimeout(() => asked.removeAttribute("data-sent"), 1500);
  },
  true,
);

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-call-window]") : null;
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey) return;
  if (window.open(link.href, link.target, WINDOW)) event.preventDefault();
});

watch();
