// Real-time text beside the call (EN 301 549 clause 6.2): what is written shows at the other side while it is written.
import { make } from "./dom.js";
import { text } from "./texts.js";

const EVERY_MS = 300; // the standard allows 500

export class RealTimeText {
  /** @param {HTMLElement} host element of the feed @param {HTMLElement} pane */
  constructor(host, pane) {
    this.feed = host.dataset.feed ?? "";
    this.log = /** @type {HTMLElement} */ (pane.querySelector("[data-rtt-log]"));
    this.now = /** @type {HTMLElement} */ (pane.querySelector("[data-rtt-now]"));
    this.nowText = /** @type {HTMLElement} */ (pane.querySelector("[data-rtt-text]"));
    this.input = /** @type {HTMLTextAreaElement} */ (pane.querySelector("[data-rtt-input]"));
    this.other = this.input.dataset.other ?? "";
    this.line = 0;
    this.timer = 0;
    this.input.addEventListener("input", () => this.soon());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.finish();
    });
    host.addEventListener("live:frame", (event) => {
      const frame = /** @type {CustomEvent} */ (event).detail;
      if (frame.kind === "rtt") this.receive(frame.data, frame.label);
    });
  }

  soon() {
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.send(false);
    }, EVERY_MS);
  }

  /** @param {boolean} done */
  send(done) {
    const data = { line: this.line, text: this.input.value.slice(0, 1000), done };
    document.dispatchEvent(new CustomEvent("live:send", { detail: { action: "rtt", feed: this.feed, data } }));
  }

  finish() {
    // Nobody would get it: it stays in the box until the line is back.
    if (document.documentElement.dataset.live !== "connected") return;
    const said = this.input.value.trim();
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.send(true);
    this.input.value = "";
    this.line += 1;
    if (said) this.add(text("you"), said, "mine");
  }

  /** @param {{text: string, done: boolean}} data @param {string} label */
  receive(data, label) {
    const who = label || this.other;
    this.now.hidden = data.done || !data.text;
    this.nowText.textContent = data.done ? "" : data.text;
    if (data.done && data.text.trim()) this.add(who, data.text.trim(), "");
  }

  /** @param {string} who @param {string} said @param {string} kind */
  add(who, said, kind) {
    this.log.append(make("li", { class: kind }, [make("b", {}, [`${who}:`]), ` ${said}`]));
    const box = this.log.parentElement;
    if (box) box.scrollTop = box.scrollHeight;
  }
}
