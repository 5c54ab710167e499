// Copy buttons: [data-copy="text"] or [data-copy-from="id of an element or field"]; a marked part of it is copied alone (JOU-05).
// [data-copy-log="url"] tells the server that it was copied (read log).
import { csrfToken } from "./dom.js";
import { toast } from "./notices.js";
import { text } from "./texts.js";

/** @param {string} id @returns {string} */
function textOf(id) {
  const source = document.getElementById(id);
  if (!source) return "";
  if (source instanceof HTMLTextAreaElement || source instanceof HTMLInputElement) {
    const marked = source.value.slice(source.selectionStart ?? 0, source.selectionEnd ?? 0);
    return marked || source.value;
  }
  const selection = window.getSelection();
  const inside = selection && !selection.isCollapsed && source.contains(selection.anchorNode) && source.contains(selection.focusNode);
  return inside ? selection.toString() : (source.innerText ?? "");
}

// The press must not take away the selection that is to be copied.
document.addEventListener("mousedown", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-copy-from]")) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy], [data-copy-from]") : null;
  if (!(button instanceof HTMLElement)) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? textOf(button.dataset.copyFrom ?? ""));
    toast(text("copied"));
  } catch {
    toast(text("copy_failed"), { kind: "bad" });
    return;
  }
  if (!button.dataset.copyLog) return;
  const headers = { "X-CSRFToken": csrfToken() };
  await fetch(button.dataset.copyLog, { method: "POST", headers, credentials: "same-origin" }).catch(() => undefined);
});
