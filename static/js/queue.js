// The live queue: changes are swapped in place, nothing moves under pointer, focus or scrolling, new rows are held back.
import { parse, process } from "./dom.js";
import { announce, announceCount, toast } from "./notices.js";
import { text } from "./texts.js";
import { tick } from "./ticking.js";

const SCROLL_CALM_MS = 3000;
const GONE_STAYS_MS = 4000;
const FRESH_MS = 10000;

/** @typedef {{object: string, op: "put" | "drop", version: number, html?: string, data?: Record<string, any>}} Item */

/** @param {Element} row @returns {string} the server's sort key */
const keyOf = (row) => row.getAttribute("data-sort") ?? "";
/** @param {Element} row */
const urgent = (row) => row.getAttribute("data-u") === "1" && row.getAttribute("data-status") === "waiting";

class Queue {
  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    this.body = /** @type {HTMLElement} */ (table.querySelector("[data-rows]"));
    this.wrap = table.closest(".queue-wrap") ?? table;
    /** @type {Map<string, Element>} new rows that wait to be sorted in */
    this.held = new Map();
    this.scrolledAt = 0;
    this.timer = 0;
    this.title = document.title;
    /** @type {Set<string>} urgent cases nobody here has looked at yet */
    this.alarms = new Set();
    table.addEventListener("live:changes", (event) => this.changes(/** @type {CustomEvent} */ (event).detail));
    table.addEventListener("live:refused", () => this.refused());
    this.wrap.addEventListener("scroll", () => (this.scrolledAt = Date.now()), { passive: true });
    document.addEventListener("queue:sort", () => this.sort());
    document.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-news]")) this.sort();
    });
    document.addEventListener("visibilitychange", () => this.drawTitle());
    window.addEventListener("focus", () => this.drawTitle());
    window.setInterval(() => this.pending() && this.calm() && this.plan(), 1000);
  }

  /** @returns {Element[]} */
  rows() {
    return [...this.body.children];
  }

  /** @param {string} object */
  row(object) {
    return this.rows().find((row) => row.getAttribute("data-object") === object);
  }

  /** Nobody's hand, eye or focus is in the list. */
  calm() {
    const focused = this.table.contains(document.activeElement);
    return !focused && !this.wrap.matches(":hover") && Date.now() - this.scrolledAt > SCROLL_CALM_MS;
  }

  /** @returns {boolean} whether a sort would change anything */
  pending() {
    const rows = this.rows();
    const disorder = rows.some((row, n) => n > 0 && keyOf(row) < keyOf(rows[n - 1]));
    return this.held.size > 0 || disorder || rows.some((row) => row.classList.contains("gone"));
  }

  /** @param {{complete: boolean, items: Item[]}} detail */
  changes(detail) {
    const known = new Set(this.rows().map((row) => row.getAttribute("data-object")));
    if (detail.complete) {
      const alive = new Set(detail.items.map((item) => item.object));
      for (const object of known) if (object && !alive.has(object)) this.drop({ object, op: "drop", version: 0 });
      for (const object of [...this.held.keys()]) if (!alive.has(object)) this.held.delete(object);
    }
    for (const item of detail.items) {
      if (item.op === "drop") this.drop(item);
      else if (item.html) this.put(item);
    }
    this.drawNews();
    this.plan();
  }

  /** @param {Item} item */
  put(item) {
    const next = parse(item.html ?? "");
    if (!(next instanceof HTMLTableRowElement)) return;
    tick(next);
    const now = this.row(item.object);
    const taken = next.classList.contains("gone");
    if (now) {
      const left = now.hasAttribute("data-gone-at");
      this.patch(now, next);
      if (taken && !left) this.leave(now);
      else if (!taken && left) {
        now.removeAttribute("data-gone-at");
        this.count(1);
      }
      return;
    }
    if (taken) {
      if (this.held.delete(item.object)) this.count(-1);
      this.calmed(item.object);
      return;
    }
    if (!this.held.has(item.object)) {
      announceCount("said_new");
      this.count(1);
      if (urgent(next)) this.alarm(next);
    }
    this.held.set(item.object, next);
  }

  /** Swap what differs, cell by cell; the cell that holds focus stays. @param {Element} now @param {Element} next */
  patch(now, next) {
    const before = urgent(now);
    for (const name of ["class", "data-sort", "data-u", "data-status"]) {
      const value = next.getAttribute(name);
      if (value === null) now.removeAttribute(name);
      else now.setAttribute(name, value);
    }
    [...next.children].forEach((cell, n) => {
      const old = now.children[n];
      const taken = next.classList.contains("gone") && cell.classList.contains("t-act");
      if (!old || old.isEqualNode(cell) || (old.contains(document.activeElement) && !taken)) return;
      if (taken && old.contains(document.activeElement)) {
        /** @type {HTMLElement | null} */ (now.querySelector("a.name"))?.focus({ preventScroll: true });
      }
      const fresh = cell.cloneNode(true);
      old.replaceWith(fresh);
      process(/** @type {Element} */ (fresh));
    });
    if (!before && urgent(now)) this.alarm(now);
    if (before && !urgent(now)) this.calmed(now.getAttribute("data-object") ?? "");
  }

  /** A row that leaves stays where it is, grey and without button, until the next sort. @param {Item} item */
  drop(item) {
    if (this.held.delete(item.object)) this.count(-1);
    this.calmed(item.object);
    const row = this.row(item.object);
    if (!row || row.hasAttribute("data-gone-at")) return;
    const place = row.querySelector(".t-role");
    if (place && item.data?.words) place.textContent = item.data.words;
    this.leave(row);
  }

  /** @param {Element} row */
  leave(row) {
    row.classList.add("gone");
    row.setAttribute("data-gone-at", String(Date.now()));
    for (const button of row.querySelectorAll("[data-take]")) {
      if (button === document.activeElement) /** @type {HTMLElement | null} */ (row.querySelector("a.name"))?.focus({ preventScroll: true });
      button.remove();
    }
    this.count(-1);
    announceCount("said_gone");
  }

  plan() {
    window.clearTimeout(this.timer);
    const youngest = Math.max(0, ...this.rows().map((row) => Number(row.getAttribute("data-gone-at") ?? 0)));
    const wait = Math.max(150, youngest ? youngest + GONE_STAYS_MS - Date.now() : 0);
    this.timer = window.setTimeout(() => this.pending() && this.calm() && this.sort(), wait);
  }

  /** Sort in what was held back, take out what is gone; focus stays on its row, or on the same place in the list. */
  sort() {
    if (!this.pending()) return;
    const active = document.activeElement;
    const before = this.rows();
    const index = before.findIndex((row) => row.contains(active));
    const top = this.wrap.scrollTop;
    for (const row of before) if (row.classList.contains("gone")) row.remove();
    const incoming = [...this.held.values()];
    this.held.clear();
    const anchor = index >= 0 && before[index].isConnected ? before[index] : null;
    const wanted = [...this.rows(), ...incoming].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
    const place = anchor ? wanted.indexOf(anchor) : wanted.length;
    for (const row of wanted.slice(0, place)) this.body.insertBefore(row, anchor); // the focused row itself never moves
    for (const row of wanted.slice(place + 1)) this.body.append(row);
    for (const row of incoming) {
      process(row);
      row.classList.add("fresh");
      window.setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
    }
    this.wrap.scrollTop = top;
    if (index >= 0 && !anchor) {
      const row = this.rows()[Math.min(index, this.rows().length - 1)];
      /** @type {HTMLElement | null} */ (row?.querySelector("a.name") ?? null)?.focus({ preventScroll: true });
      announce(text("said_focus_moved"));
    }
    document.querySelector("[data-queue-empty]")?.toggleAttribute("hidden", this.rows().length > 0);
    this.drawNews();
  }

  drawNews() {
    const button = document.querySelector("[data-news]");
    const words = document.querySelector("[data-news-words]");
    const n = this.held.size;
    button?.toggleAttribute("hidden", n === 0 && !this.pending());
    const key = n === 0 ? "sort_again" : n === 1 ? "new_rows_one" : "new_rows_many";
    if (words) words.textContent = text(key, { n });
    document.querySelector("[data-queue-empty]")?.toggleAttribute("hidden", this.rows().length > 0 || this.held.size > 0);
  }

  /** @param {number} change */
  count(change) {
    for (const place of document.querySelectorAll("[data-queue-count]")) {
      place.textContent = String(Math.max(0, Number(place.textContent) + change));
    }
  }

  /** A new urgency 1 is never silent, yet moves no row under the hand. @param {Element} row */
  alarm(row) {
    this.alarms.add(row.getAttribute("data-object") ?? "");
    announceCount("said_urgent");
    const href = row.querySelector("a.name")?.getAttribute("href") ?? "";
    toast(text("urgent_toast"), { kind: "bad", href, link: text("open") });
    this.drawTitle();
  }

  /** @param {string} object */
  calmed(object) {
    if (this.alarms.delete(object)) this.drawTitle();
  }

  drawTitle() {
    if (document.visibilityState === "visible" && document.hasFocus()) this.alarms.clear();
    document.title = this.alarms.size ? `(${this.alarms.size}) ${this.title}` : this.title;
  }

  refused() {
    this.held.clear();
    this.body.replaceChildren();
    toast(text("revoked"), { kind: "bad" });
  }
}

for (const table of document.querySelectorAll("table[data-queue]")) new Queue(/** @type {HTMLTableElement} */ (table));
