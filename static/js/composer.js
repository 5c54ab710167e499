// Where messages are written: drafts, pending entries (skickas, väntar, ej skickat), retries with the same id, images.
import { loadDraft, loadUnsent, saveDraft, saveUnsent } from "./chat-store.js";
import { icon, make, newId } from "./dom.js";
import { toast } from "./notices.js";
import { text } from "./texts.js";
import { problemWith, sendImage } from "./upload.js";

const ACK_MS = 10000;
const TYPING_MS = 3000;
const DRAFT_MS = 300;
/** Refusals that pass by themselves: the same message is sent again. */
const AGAIN = new Set(["network", "unavailable", "too_fast"]);
/** Refusals that only other words help against: the text goes back to be changed. */
const REWRITE = new Set(["message_too_long", "bad_frame"]);

/** What a composer needs of its log (see chat.js). @typedef {{me: string, feed: string, list: HTMLElement, toEnd: () => void}} Log */

/** @param {object} action */
const send = (action) => document.dispatchEvent(new CustomEvent("live:send", { detail: action }));

export class Composer {
  /** @param {HTMLFormElement} form @param {Log} chat */
  constructor(form, chat) {
    this.form = form;
    this.chat = chat;
    this.caseId = form.dataset.case ?? "";
    this.box = /** @type {HTMLTextAreaElement} */ (form.querySelector("[data-message-text]"));
    this.list = loadUnsent(chat.me, this.caseId);
    this.typedAt = 0;
    this.draftTimer = 0;
    this.locked = false;
    /** @type {HTMLElement | undefined} */
    this.told = undefined; // the last problem shown, until the next try
    if (!this.box.value) this.box.value = loadDraft(chat.me, this.caseId);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("input", () => this.typed());
    form.addEventListener("click", (event) => this.insert(event));
    form.querySelector("[data-message-image]")?.addEventListener("change", (event) => {
      this.image(/** @type {HTMLInputElement} */ (event.target));
    });
    document.addEventListener("live:ack", (event) => this.ack(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("live:state", (event) => {
      const { state, changed } = /** @type {CustomEvent} */ (event).detail;
      if (state === "off") this.mark("sending", "waiting");
      else if (changed || state === "polling") this.retry();
    });
    window.setInterval(() => this.retry(), ACK_MS);
    for (const one of this.list) {
      if (one.state !== "failed") one.state = "waiting";
      this.draw(one);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.ctrlKey || event.altKey) return;
    // Staff: Enter sends. Residents: so too with a keyboard, but on touch screens Enter makes a new line.
    if (!this.form.hasAttribute("data-enter-sends") && !window.matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  /** A chosen phrase lands where the cursor is and can be edited. @param {Event} event */
  insert(event) {
    const phrase = event.target instanceof Element ? event.target.closest("[data-insert]") : null;
    if (!phrase || this.locked) return;
    const { selectionStart: start, selectionEnd: end, value } = this.box;
    const space = start > 0 && !/\s$/.test(value.slice(0, start)) ? " " : "";
    this.box.setRangeText(space + (phrase.getAttribute("data-insert") ?? ""), start, end, "end");
    phrase.closest("details[data-menu]")?.removeAttribute("open");
    this.box.focus();
    this.typed();
  }

  typed() {
    window.clearTimeout(this.draftTimer);
    this.draftTimer = window.setTimeout(() => {
      saveDraft(this.chat.me, this.caseId, this.box.value);
      const place = this.form.querySelector("[data-draft-state]");
      if (place) place.textContent = this.box.value ? text("draft_saved") : "";
    }, DRAFT_MS);
    if (Date.now() - this.typedAt < TYPING_MS || !this.box.value) return;
    this.typedAt = Date.now();
    send({ action: "typing", feed: this.chat.feed });
  }

  submit() {
    const words = this.box.value.trim();
    if (!words || this.locked) return;
    this.told?.remove();
    /** @type {import("./chat-store.js").Unsent} */
    const one = { id: newId(), text: words, at: Date.now(), state: "sending" };
    this.list.push(one);
    this.box.value = "";
    window.clearTimeout(this.draftTimer);
    saveDraft(this.chat.me, this.caseId, "");
    this.draw(one);
    this.dispatch(one);
    this.chat.toEnd();
    this.box.focus();
  }

  /** @param {import("./chat-store.js").Unsent} one */
  dispatch(one) {
    one.state = "sending";
    one.at = Date.now();
    this.keep();
    this.draw(one);
    send({ action: "send_message", id: one.id, case: this.caseId, text: one.text });
    window.setTimeout(() => {
      if (one.state !== "sending" || Date.now() - one.at < ACK_MS) return;
      one.state = "waiting";
      this.draw(one);
    }, ACK_MS + 100);
  }

  /** Send again, with the same id, what got no answer; in the order it was written. */
  retry() {
    const live = document.documentElement.dataset.live;
    if (this.locked || !live || live === "off" || !navigator.onLine) return;
    for (const one of this.list) if (one.state === "waiting") this.dispatch(one);
  }

  /** @param {string} from @param {"waiting"} to */
  mark(from, to) {
    for (const one of this.list) {
      if (one.state !== from) continue;
      one.state = to;
      this.draw(one);
    }
    this.keep();
  }

  /** @param {{id: string, ok: boolean, seq?: number, error?: {code: string, message: string}}} ack */
  ack(ack) {
    const one = this.list.find((candidate) => candidate.id === ack.id);
    if (!one) return;
    if (ack.ok) {
      one.state = "sent";
      one.seq = ack.seq;
      if (ack.seq !== undefined && this.chat.list.querySelector(`[data-seq="${ack.seq}"]`)) this.forget(one);
    } else if (AGAIN.has(ack.error?.code ?? "")) one.state = "waiting";
    else if (REWRITE.has(ack.error?.code ?? "")) return this.giveBack(one, ack.error?.message ?? "");
    else {
      one.state = "failed";
      one.why = ack.error?.message ?? "";
    }
    this.keep();
    this.draw(one);
  }

  /** Back into the box, before what was written since. @param {import("./chat-store.js").Unsent} one @param {string} why */
  giveBack(one, why) {
    this.forget(one);
    this.box.value = [one.text, this.box.value].filter(Boolean).join("\n\n");
    saveDraft(this.chat.me, this.caseId, this.box.value);
    this.told = toast(why || text("not_sent"), { kind: "bad" });
  }

  /** The message itself has come through the feed. @param {string} id client id, if the server shows it @param {number} seq */
  arrived(id, seq) {
    const one = this.list.find((candidate) => (id && candidate.id === id) || candidate.seq === seq);
    if (one) this.forget(one);
  }

  /** @param {import("./chat-store.js").Unsent} one */
  forget(one) {
    this.list = this.list.filter((other) => other !== one);
    this.entry(one)?.remove();
    this.keep();
  }

  keep() {
    saveUnsent(this.chat.me, this.caseId, this.list);
  }

  /** @param {import("./chat-store.js").Unsent} one */
  entry(one) {
    return this.chat.list.querySelector(`[data-pending="${CSS.escape(one.id)}"]`);
  }

  /** @param {import("./chat-store.js").Unsent} one */
  draw(one) {
    if (!this.list.includes(one)) return;
    let entry = this.entry(one);
    if (!entry) {
      const meta = make("p", { class: "meta" }, [make("span", { class: "who" }, [text("you")]), make("span", { class: "state" })]);
      const bubble = make("div", { class: "bubble" }, [make("p", { class: "pre" }, [one.text])]);
      entry = make("li", { class: "msg mine", "data-pending": one.id }, [meta, bubble]);
      this.chat.list.append(entry);
    }
    entry.classList.toggle("sending", one.state === "sending" || one.state === "waiting");
    entry.classList.toggle("unsent", one.state === "failed");
    const [name, words] = {
      sending: ["clock", text("sending")],
      waiting: ["clock", text("waiting")],
      sent: ["check", text("sent")],
      failed: ["circle-alert", one.why ? `${text("not_sent")}: ${one.why}` : text("not_sent")],
    }[one.state];
    const state = /** @type {Element} */ (entry.querySelector(".state"));
    if (state.getAttribute("data-words") === words) return;
    state.setAttribute("data-words", words);
    state.replaceChildren(icon(name), words);
    if (one.state === "failed") {
      state.append(this.button(text("again"), () => this.dispatch(one)), this.button(text("remove"), () => this.forget(one)));
    }
  }

  /** @param {string} words @param {() => void} act */
  button(words, act) {
    const button = make("button", { type: "button", class: "ds-button sm", "data-variant": "tertiary" }, [words]);
    button.addEventListener("click", act);
    return button;
  }

  /** @param {HTMLInputElement} input */
  async image(input) {
    const file = input.files?.[0];
    const url = this.form.dataset.uploadUrl;
    const place = this.form.querySelector("[data-upload-state]");
    if (!file || !url || this.locked) return;
    const wrong = problemWith(file);
    input.value = "";
    this.told?.remove();
    if (wrong) {
      this.told = toast(wrong, { kind: "bad" });
      return;
    }
    try {
      await sendImage(url, file, newId(), (n) => {
        place?.removeAttribute("hidden");
        if (place) place.textContent = text("uploading", { n });
      });
    } catch (problem) {
      this.told = toast(/** @type {Error} */ (problem).message, { kind: "bad" });
    }
    place?.setAttribute("hidden", "");
  }

  /** Writing is not allowed (any more): the text stays to copy, nothing is sent. @param {boolean} locked */
  lock(locked) {
    if (locked === this.locked) return;
    this.locked = locked;
    this.box.readOnly = locked;
    const unsent = this.list.filter((one) => one.state !== "sent" && !this.box.value.includes(one.text));
    if (locked && unsent.length) this.box.value = [...unsent.map((one) => one.text), this.box.value].join("\n\n").trim();
    for (const button of this.form.querySelectorAll("button, input[type=file]")) button.toggleAttribute("disabled", locked);
    const nothing = locked && !this.box.value; // nothing to copy: a box one cannot write in only misleads
    if (nothing && this.form.contains(document.activeElement)) document.getElementById("innehall")?.focus();
    this.form.hidden = nothing;
  }
}
