// A case that may no longer be seen (handed over, released, role removed) leaves the open page: strip, triage result, note
// and dialogs. The chat clears itself; what was typed to the patient stays to copy.
import { make } from "./dom.js";
import { text } from "./texts.js";

document.addEventListener("live:refused", (event) => {
  const head = event.target;
  if (!(head instanceof HTMLElement) || head.id !== "case-head") return;
  head.replaceChildren(make("div", { class: "banner inner warn", role: "status" }, [make("p", {}, [text("revoked")])]));
  for (const part of document.querySelectorAll(".p-facts .pane-body, #note-panel, #menu-dialog")) part.replaceChildren();
  for (const dialog of document.querySelectorAll("dialog.ds-dialog")) if (dialog.id !== "shortcuts") dialog.remove();
  for (const part of document.querySelectorAll("[data-composer] .to, [data-composer] label")) part.replaceChildren();
  document.querySelector("[data-composer]")?.removeAttribute("aria-label");
  document.querySelector("[data-composer] textarea")?.setAttribute("aria-label", text("revoked"));
  document.title = text("revoked");
});
