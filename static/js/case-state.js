// What depends on the state of a case fetches itself again when that has changed, not at every message:
// [data-case-state="<state>|<version>"] on an element with the case's feed and the htmx trigger "refetch".

document.addEventListener("live:changes", (event) => {
  const part = /** @type {HTMLElement} */ (event.target);
  if (part.dataset.caseState === undefined) return;
  const header = /** @type {CustomEvent} */ (event).detail.items.find((/** @type {any} */ item) => item.object === "case" && item.data);
  if (!header) return;
  const now = `${header.data.state}|${header.data.version}`;
  if (now === part.dataset.caseState) return;
  part.dataset.caseState = now;
  /** @type {any} */ (window).htmx?.trigger(part, "refetch");
});

// Who read the end of the chat goes on seeing it when such a part grows.
document.addEventListener("htmx:afterSettle", (event) => {
  const part = /** @type {CustomEvent} */ (event).detail.elt;
  if (!(part instanceof HTMLElement) || part.dataset.caseState === undefined) return;
  const left = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
  if (left < part.offsetHeight + 160) window.scrollTo({ top: document.documentElement.scrollHeight });
});
