// The only script that knows the socket. It subscribes every [data-feed] on the page and turns frames into DOM events:
//   live:changes {feed, version, complete, items}  on each element of the feed (bubbles)
//   live:frame {feed, kind, from, label, ttl}      on each element of the feed (bubbles)
//   live:refused {feed, reason}                    on each element of the feed (bubbles)
//   live:ack {action, id, ok, seq, at, error}      on document
//   live:state {state: connected|slow|polling|off, at, reason}  on document
// Other modules send with a live:send event on document ({action, ...}) and never import this file.
// Where WebSockets do not get through, the same JSON goes over HTTP: GET /live/feed/ every 5 s, POST /live/action/.
import { csrfToken } from "./dom.js";

const FIRST_DELAY_MS = 5000;
const MAX_DELAY_MS = 30000;
const STABLE_MS = 60000;
const CHECK_MS = 15000;
const POLL_MS = 5000;
const PONG_MS = 10000;
const FAILURES_BEFORE_POLLING = 2;

/** Refusals that say nothing about rights: the database was away, or too much was asked at once. */
const LATER = new Set(["unavailable", "too_fast"]);

/** @typedef {{after: number, known: boolean}} Position  known: the page itself was rendered at this version */
/** @type {Map<string, Position>} */
const feeds = new Map();
/** @type {WebSocket | null} */
let socket = null;
let heard = false; // this socket has said something
let failures = 0; // connects in a row that never said anything
let attempt = 0; // for the jitter
let stopped = false; // signed out or refused: no more tries
let contactAt = Date.now();
let state = "";
let polling = false;
const timers = { reconnect: 0, stable: 0, check: 0, poll: 0, pong: 0 };

/** @param {number} ms @returns {number} between 80 and 120 % */
const jitter = (ms) => ms * (0.8 + Math.random() * 0.4);

/** @param {string} feed */
const elementsOf = (feed) => [...document.querySelectorAll("[data-feed]")].filter((one) => one.getAttribute("data-feed") === feed);

/** @param {string} next @param {string} [reason] */
function tell(next, reason = "") {
  if (next === state && next !== "connected") return;
  const changed = next !== state;
  state = next;
  document.documentElement.dataset.live = next;
  document.dispatchEvent(new CustomEvent("live:state", { detail: { state: next, changed, at: contactAt, reason } }));
}

/** @param {string} feed @param {string} name @param {object} detail */
function emit(feed, name, detail) {
  for (const element of elementsOf(feed)) element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
}

/** Take in one frame of the server, from socket or HTTP. @param {any} frame */
function receive(frame) {
  contactAt = Date.now();
  if (frame.type === "changes") {
    const position = feeds.get(frame.feed);
    if (!position || (!frame.complete && frame.version <= position.after)) return;
    const first = !position.known && frame.complete;
    position.after = frame.version;
    position.known = true;
    for (const element of elementsOf(frame.feed)) element.setAttribute("data-after", String(frame.version));
    // A panel without a version of its own was fetched after the page: its first whole answer is no news.
    if (!first || frame.items.some((/** @type {any} */ item) => item.html)) emit(frame.feed, "live:changes", frame);
  } else if (frame.type === "ack") {
    document.dispatchEvent(new CustomEvent("live:ack", { detail: frame }));
  } else if (frame.type === "frame") {
    emit(frame.feed, "live:frame", frame);
  } else if (frame.type === "refused") {
    if (LATER.has(frame.reason)) return; // the next check asks again; what is shown stays
    feeds.delete(frame.feed);
    emit(frame.feed, "live:refused", frame);
  } else if (frame.type === "pong") {
    window.clearTimeout(timers.pong);
  } else if (frame.type === "restart") {
    window.clearTimeout(timers.reconnect);
    timers.reconnect = window.setTimeout(() => socket?.close(1000), Math.random() * 1000 * (Number(frame.delay) || 5));
  }
}

/** @param {object} action @returns {boolean} whether it went out over the socket */
function overSocket(action) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(action));
  return true;
}

/** Ask every feed "anything after N?", and the line itself whether it lives. */
function check() {
  window.clearTimeout(timers.check);
  timers.check = window.setTimeout(check, jitter(CHECK_MS));
  if (overSocket({ action: "ping", t: Date.now() })) {
    for (const [feed, position] of feeds) overSocket({ action: "subscribe", feed, after: position.after });
    window.clearTimeout(timers.pong);
    timers.pong = window.setTimeout(() => {
      tell("slow");
      socket?.close(4000);
    }, PONG_MS);
  } else if (polling) poll();
}

/** @returns {string} address of the socket */
function address() {
  const base = document.querySelector('meta[name="live-url"]')?.getAttribute("content") || location.origin;
  return `${base.replace(/^http/, "ws").replace(/\/$/, "")}/ws/${document.body.dataset.side}/`;
}

function connect() {
  window.clearTimeout(timers.reconnect);
  if (stopped || socket || !feeds.size) return;
  heard = false;
  const mine = new WebSocket(address());
  socket = mine;
  const patience = window.setTimeout(() => mine.close(), PONG_MS);
  mine.onopen = () => check();
  mine.onmessage = (event) => {
    if (!heard) {
      heard = true;
      failures = 0;
      window.clearTimeout(patience);
      stopPolling();
      timers.stable = window.setTimeout(() => (attempt = 0), STABLE_MS);
    }
    receive(JSON.parse(event.data));
    tell("connected");
  };
  mine.onclose = (event) => {
    window.clearTimeout(patience);
    window.clearTimeout(timers.stable);
    window.clearTimeout(timers.pong);
    if (socket === mine) socket = null;
    if (event.code === 4401 || event.code === 4403) return stop("signed_out");
    if (!heard) failures += 1;
    if (failures >= FAILURES_BEFORE_POLLING) startPolling();
    else tell(navigator.onLine ? "slow" : "off");
    const most = attempt === 0 ? FIRST_DELAY_MS : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
    attempt += 1;
    timers.reconnect = window.setTimeout(connect, Math.random() * most);
  };
}

/** No more tries: the session is over. @param {string} reason */
function stop(reason) {
  stopped = true;
  stopPolling();
  window.clearTimeout(timers.check);
  tell("off", reason);
}

function startPolling() {
  if (polling || stopped) return;
  polling = true;
  poll();
}

function stopPolling() {
  polling = false;
  window.clearTimeout(timers.poll);
}

async function poll() {
  window.clearTimeout(timers.poll);
  if (!polling) return;
  let reached = true;
  for (const [feed, position] of [...feeds]) {
    const query = new URLSearchParams({ feed, after: String(position.after) });
    reached = (await overHttp(`/live/feed/?${query}`, {}, feed)) && reached;
  }
  if (!polling) return;
  tell(reached ? "polling" : "off");
  timers.poll = window.setTimeout(poll, jitter(POLL_MS));
}

/**
 * @param {string} url @param {RequestInit} options @param {string} [feed]
 * @returns {Promise<boolean>} whether the server was reached
 */
async function overHttp(url, options, feed = "") {
  try {
    const headers = { Accept: "application/json", ...(options.headers ?? {}) };
    const answer = await fetch(url, { credentials: "same-origin", redirect: "manual", ...options, headers });
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      stop("signed_out");
      return true;
    }
    const body = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
    if (body) for (const frame of Array.isArray(body) ? body : [body]) receive(frame);
    else if (feed && (answer.status === 403 || answer.status === 404)) receive({ type: "refused", feed, reason: "forbidden" });
    return Boolean(body) || answer.status < 500;
  } catch {
    return false;
  }
}

/** Volatile signals are not worth a request of their own. */
const VOLATILE = new Set(["typing", "presence", "signal", "rtt", "ping"]);

/** @param {any} action */
async function send(action) {
  if (stopped) return;
  if (overSocket(action) || VOLATILE.has(action.action)) return;
  const reached = await overHttp("/live/action/", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(action),
  });
  if (!reached && action.id) {
    const detail = { action: action.action, id: action.id, ok: false, error: { code: "network", message: "" } };
    document.dispatchEvent(new CustomEvent("live:ack", { detail }));
  } else if (reached && polling) poll();
}

/** Subscribe what is on the page now, leave what is gone. */
function scan() {
  const found = new Set();
  for (const element of document.querySelectorAll("[data-feed]")) {
    const feed = element.getAttribute("data-feed") ?? "";
    if (!feed) continue;
    found.add(feed);
    if (feeds.has(feed)) continue;
    const after = elementsOf(feed).map((one) => one.getAttribute("data-after")).find((version) => version !== null) ?? null;
    feeds.set(feed, { after: Number(after ?? 0), known: after !== null });
    overSocket({ action: "subscribe", feed, after: Number(after ?? 0) });
  }
  for (const feed of [...feeds.keys()]) {
    if (found.has(feed)) continue;
    feeds.delete(feed);
    overSocket({ action: "unsubscribe", feed });
  }
  connect();
}

if (document.body.hasAttribute("data-signed-in")) {
  document.addEventListener("live:send", (event) => send(/** @type {CustomEvent} */ (event).detail));
  document.addEventListener("htmx:afterSettle", scan);
  window.addEventListener("focus", check);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  window.addEventListener("online", () => {
    attempt = 0;
    if (socket) check();
    else connect();
  });
  window.addEventListener("offline", () => tell("off"));
  window.addEventListener("pagehide", () => socket?.close(1000));
  window.addEventListener("pageshow", (event) => event.persisted && connect());
  timers.check = window.setTimeout(check, jitter(CHECK_MS));
  scan();
}
