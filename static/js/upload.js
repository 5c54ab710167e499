// Images: checked and shown before they go (triage: input[data-image-preview]), sent with progress (chat: sendImage).
import { csrfToken, make } from "./dom.js";
import { text } from "./texts.js";

const MAX_BYTES = 12 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/webp"];

/** @param {File} file @returns {string} what is wrong with it, or nothing */
export function problemWith(file) {
  if (!KINDS.includes(file.type)) return text("image_wrong_kind");
  return file.size > MAX_BYTES ? text("image_too_big") : "";
}

/**
 * Send one image; the server answers JSON {ok} or {error: {message}}.
 * @param {string} url @param {File} file @param {string} key idempotency key, the client id
 * @param {(percent: number) => void} progress
 * @returns {Promise<void>} rejected with words for the reader
 */
export function sendImage(url, file, key, progress) {
  return new Promise((resolve, reject) => {
    const data = new FormData();
    data.append("image", file);
    data.append("key", key);
    const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => event.lengthComputable && progress(Math.round((100 * event.loaded) / event.total));
    request.onerror = () => reject(new Error(text("upload_failed")));
    request.onload = () => {
      if (request.status < 300) return resolve();
      let words = text("upload_failed");
      try {
        words = JSON.parse(request.responseText).error?.message ?? words;
      } catch {
        // the answer was no JSON: our own words do
      }
      reject(new Error(words));
    };
    request.send(data);
  });
}

/** @param {HTMLInputElement} input */
function preview(input) {
  const host = input.closest("form")?.querySelector(`[data-preview-for="${input.id}"]`);
  if (!host) return;
  for (const old of host.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  host.replaceChildren();
  for (const file of input.files ?? []) {
    const wrong = problemWith(file);
    if (wrong) {
      host.append(make("p", { class: "msg-bad", role: "alert" }, [wrong]));
      input.value = "";
      return;
    }
    const picture = make("img", { src: URL.createObjectURL(file), alt: file.name, class: "preview-image" });
    const remove = make("button", { type: "button", class: "ds-button", "data-variant": "tertiary" }, [text("remove_image")]);
    remove.addEventListener("click", () => {
      input.value = "";
      preview(input);
      input.focus();
    });
    host.append(picture, remove);
  }
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input instanceof HTMLInputElement && input.matches("[data-image-preview]")) preview(input);
});
