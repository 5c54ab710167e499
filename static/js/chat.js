// The log of a chat: entries by seq, what is mine, read marks, typing, presence; never re-rendered, never scrolled under the reader.
import { Composer } from "./composer.js";
import { icon, make, parse } from "./dom.js";
import { text } from "./texts.js";

const NEAR_PX = 80;
const PRESENCE_MS = 20000;

/** @param {object} action */
const send = (action) => document.dispatchEvent(new CustomEvent("live:send", { detail: action }));
/** @param {Element} entry */
const seqOf = (entry) => Number(entry.getAttribute("data-seq") ?? Infinity);
/** What an entry says, without its by-line. @param {Element} entry */
const contentOf = (entry) =>
  entry.children.length ? [...entry.children].filter((one) => !one.matches(".meta")).map((one) => one.outerHTML).join() : entry.textContent?.trim();

export class Chat {
  /** @param {HTMLElement} log */
  constructor(log) {
    this.log = log;
    this.list = /** @type {HTMLElement} */ (log.querySelector("[data-items]"));
    this.feed = log.dataset.feed ?? "";
    this.me = log.dataset.me ?? "";
    this.read = Number(log.dataset.read ?? 0); // how far the other side has read
    this.seen = Number(log.dataset.myRead ?? 0); // how far I have read
    this.confirmed = this.seen; // how far the server knows that I have read
    this.unseen = 0;
    this.typingTimer = 0;
    this.presenceTimer = 0;
    this.here = false; // the other side has the chat open
    this.newer = log.parentElement?.querySelector("[data-newer]") ?? null;
    this.typing = log.parentElement?.querySelector("[data-typing]") ?? null;
    for (const entry of this.list.children) this.dress(entry);
    this.drawStates();
    const form = document.querySelector(`[data-composer][data-for-feed="${CSS.escape(this.feed)}"]`);
    this.composer = form instanceof HTMLFormElement ? new Composer(form, this) : null;
    log.addEventListener("live:changes", (event) => this.changes(/** @type {CustomEvent} */ (event).detail));
    log.addEventListener("live:frame", (event) => this.frame(/** @type {CustomEvent} */ (event).detail));
    log.addEventListener("live:refused", () => this.refused());
    this.newer?.addEventListener("click", () => this.toEnd());
    const scroller = this.ownScroll() ? log : window;
    scroller.addEventListener("scroll", () => this.atEnd() && this.caughtUp(), { passive: true });
    for (const name of ["focus", "visibilitychange"]) window.addEventListener(name, () => this.caughtUp());
    this.toEnd();
    this.present();
    window.setInterval(() => this.present(), PRESENCE_MS);
    document.addEventListener("live:state", (event) => {
      const { state, changed } = /** @type {CustomEvent} */ (event).detail;
      if (!changed || (state !== "connected" && state !== "polling")) return;
      if (state === "connected") this.present();
      // What was read before the line was up, or while it was down, was told to nobody.
      if (this.seen > this.confirmed) send({ action: "seen", feed: this.feed, seq: this.seen });
    });
    document.addEventListener("htmx:afterSettle", () => this.drawPresence(this.here)); // the strip may have been drawn anew
  }

  /** The staff log scrolls inside its pane (filled from its foot); the resident's page scrolls as a whole. */
  ownScroll() {
    return ["auto", "scroll"].includes(getComputedStyle(this.log).overflowY);
  }

  atEnd() {
    if (this.ownScroll()) return Math.abs(this.log.scrollTop) < NEAR_PX;
    return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - NEAR_PX;
  }

  toEnd() {
    if (this.ownScroll()) this.log.scrollTop = 0;
    else window.scrollTo({ top: document.documentElement.scrollHeight });
    this.caughtUp();
  }

  /** @param {{complete: boolean, items: any[]}} detail */
  changes(detail) {
    const stay = !this.atEnd();
    const height = this.log.scrollHeight;
    const messages = detail.items.filter((item) => item.object.startsWith("message:"));
    if (detail.complete && messages.length) this.prune(messages);
    let news = 0;
    for (const item of detail.items) {
      if (item.object === "case") this.header(item.data ?? {});
      else if (item.op === "drop") this.find(item.object)?.remove();
      else if (item.html && this.place(item)) news += 1;
    }
    this.drawStates();
    if (stay) {
      // Filled from its foot the log would move with every new entry: hold what the reader looks at.
      if (this.ownScroll() && this.log.scrollTop < 0) this.log.scrollTop -= this.log.scrollHeight - height;
      this.unseen += news;
      this.drawNewer();
    } else if (detail.items.length) this.toEnd();
    if (news) this.hideTyping();
  }

  /** Take out what the whole first page no longer holds; older entries above it stay. @param {any[]} messages */
  prune(messages) {
    const alive = new Set(messages.map((item) => item.object));
    const first = Math.min(...messages.map((item) => Number(item.object.split(":")[1])));
    for (const entry of [...this.list.querySelectorAll("[data-object]")]) {
      if (seqOf(entry) >= first && !alive.has(entry.getAttribute("data-object"))) entry.remove();
    }
  }

  /** @param {string} object */
  find(object) {
    return this.list.querySelector(`[data-object="${CSS.escape(object)}"]`);
  }

  /** @param {any} item @returns {boolean} whether it is new and somebody else's */
  place(item) {
    const entry = parse(item.html);
    if (!entry) return false;
    this.dress(entry);
    this.composer?.arrived(entry.getAttribute("data-client-id") ?? "", seqOf(entry));
    const old = this.find(item.object);
    if (old) {
      // The same bytes again (a whole first page): leave the entry alone, a screen reader would read it once more.
      if (contentOf(old) !== contentOf(entry)) old.replaceWith(entry);
      return false;
    }
    const next = [...this.list.children].find((one) => seqOf(one) > seqOf(entry));
    this.list.insertBefore(entry, next ?? null);
    return !entry.classList.contains("mine");
  }

  /** What is mine is decided here: the server's bytes are the same for everyone. @param {Element} entry */
  dress(entry) {
    if (!this.me || entry.getAttribute("data-author") !== this.me) return;
    entry.classList.add("mine");
    const who = entry.querySelector(".who");
    if (who) who.textContent = text("you");
  }

  /** "Läst" or "Skickat" stands at my last message only. */
  drawStates() {
    const mine = [...this.list.querySelectorAll(".mine[data-seq]")];
    const last = mine.at(-1);
    for (const entry of mine) {
      const state = entry.querySelector("[data-message-state]");
      if (!state) continue;
      const words = entry !== last ? "" : text(seqOf(entry) <= this.read ? "read" : "sent");
      if (state.textContent !== words) state.replaceChildren(...(words ? [icon(words === text("read") ? "check-check" : "check"), words] : []));
    }
  }

  /** Facts of the case that change while it is open. @param {{patient_seen?: number, staff_seen?: number, open?: boolean}} facts */
  header(facts) {
    const staff = this.me.startsWith("staff:");
    this.read = Math.max(this.read, (staff ? facts.patient_seen : facts.staff_seen) ?? 0);
    this.confirmed = Math.max(this.confirmed, (staff ? facts.staff_seen : facts.patient_seen) ?? 0);
    this.seen = Math.max(this.seen, this.confirmed);
    if (facts.open !== undefined) this.composer?.lock(!facts.open);
  }

  /** Everything down to here has been in front of the reader. */
  caughtUp() {
    if (document.visibilityState !== "visible" || !document.hasFocus() || !this.atEnd()) return;
    this.unseen = 0;
    this.drawNewer();
    const last = Math.max(0, ...[...this.list.querySelectorAll("[data-seq]:not(.mine)")].map(seqOf));
    if (last <= this.seen) return;
    this.seen = last;
    send({ action: "seen", feed: this.feed, seq: last });
  }

  drawNewer() {
    if (!this.newer) return;
    this.newer.toggleAttribute("hidden", this.unseen === 0);
    this.newer.textContent = this.unseen === 1 ? text("new_message") : text("new_messages", { n: this.unseen });
  }

  /** @param {{kind: string, from: string, label: string, ttl: number}} frame */
  frame(frame) {
    if (frame.from === this.me) return;
    if (frame.kind === "typing" && this.typing) {
      window.clearTimeout(this.typingTimer);
      const words = text("typing", { name: frame.label });
      if (!this.typing.textContent?.includes(words)) {
        const dots = make("span", { "aria-hidden": "true" }, [make("i"), make("i"), make("i")]);
        this.typing.replaceChildren(dots, ` ${words}`);
      }
      this.typingTimer = window.setTimeout(() => this.hideTyping(), 1000 * (frame.ttl || 6));
    } else if (frame.kind === "presence") {
      window.clearTimeout(this.presenceTimer);
      this.drawPresence(true);
      this.presenceTimer = window.setTimeout(() => this.drawPresence(false), 1000 * (frame.ttl || 30));
    }
  }

  hideTyping() {
    window.clearTimeout(this.typingTimer);
    this.typing?.replaceChildren();
  }

  /** @param {boolean} here */
  drawPresence(here) {
    this.here = here;
    for (const mark of document.querySelectorAll(`[data-presence="${CSS.escape(this.feed)}"]`)) mark.toggleAttribute("hidden", !here);
  }

  present() {
    if (document.visibilityState === "visible") send({ action: "presence", feed: this.feed });
  }

  /** No longer allowed: clear it from the page; what was typed stays to copy. */
  refused() {
    this.list.replaceChildren(make("li", { class: "msg sys" }, [text("revoked")]));
    this.hideTyping();
    this.composer?.lock(true);
  }
}

for (const log of document.querySelectorAll("[data-chat]")) new Chat(/** @type {HTMLElement} */ (log));
