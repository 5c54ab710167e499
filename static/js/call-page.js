// The window of a call: its switches, its state in words, who is seen and heard. The server's feed says whether the call is
// asked for, goes on or is over; call-line.js finds the other side.
import { Line } from "./call-line.js";
import { openMedia, openPicture } from "./call-media.js";
import { RealTimeText } from "./call-rtt.js";
import { csrfToken, make, newId } from "./dom.js";
import { text } from "./texts.js";

const NO_WAY_MS = 15000;
const OVER = new Set(["declined", "missed", "ended"]);

const page = /** @type {HTMLElement} */ (document.querySelector("[data-call]"));
/** @param {string} name @returns {HTMLElement | null} */
const part = (name) => page.querySelector(`[data-call-${name}]`);
const picture = page.dataset.kind === "video";
const session = newId();
const own = { sound: /** @type {MediaStreamTrack | null} */ (null), picture: /** @type {MediaStreamTrack | null} */ (null) };
const switches = { camera: picture, microphone: true };
let facts = JSON.parse(document.getElementById("call-facts")?.textContent || "{}");
let ready = false; // camera and microphone are open, or known to be missing
let joined = false;
let takenOver = false;
let live = "";
let met = 0; // when this page was first connected
let waits = Date.now(); // since when nothing has come through
let leaving = false;

const line = new Line({
  host: page, picture, own: () => own, switches: () => switches, changed: () => draw(),
  takenOver: () => {
    takenOver = true;
    stopOwn();
    draw();
  },
});
new RealTimeText(page, /** @type {HTMLElement} */ (page.querySelector("[data-rtt]")));

/** @param {string} url @param {boolean} [last] the page goes away @returns {Promise<any>} */
async function post(url, last = false) {
  const body = new URLSearchParams({ session });
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin", keepalive: last });
  return answer.ok && answer.status !== 204 ? answer.json() : null;
}

async function join() {
  if (!ready || joined || leaving || facts.state !== "accepted") return;
  joined = true;
  const ways = await post(page.dataset.join ?? "").catch(() => null);
  if (!ways) {
    joined = false;
    window.setTimeout(() => void join(), 3000);
    return;
  }
  waits = Date.now();
  line.open({ iceServers: ways.ice_servers, iceTransportPolicy: ways.relay_only ? "relay" : "all" });
  draw();
}

/** @returns {string} key of the words for how it is */
function state() {
  if (takenOver) return "taken_over";
  if (facts.state === "requested") return "waiting_answer";
  if (line.connected) return "call_connected";
  if (live === "polling" || live === "off") return "no_line";
  const otherHere = document.body.dataset.side === "staff" ? facts.patient_here : facts.staff_here;
  if (!otherHere && met) return "other_left";
  if (!otherHere && !line.peers.size) return "waiting_other";
  if (Date.now() - waits > NO_WAY_MS) return "no_way";
  return met ? "call_reconnecting" : "connecting";
}

/** @param {HTMLElement | null} element @param {string} words */
function say(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

function draw() {
  if (line.connected) {
    met = met || Date.now();
    waits = Date.now();
  }
  const now = state();
  page.dataset.state = now;
  say(part("state"), text(now));
  const help = part("help");
  if (help) help.hidden = now !== "no_way" && now !== "no_line";
  say(part("why"), text(now === "no_line" ? "no_line" : "no_way"));
  drawPeers();
  const media = [...line.peers.values()].filter((peer) => peer.connected).map((peer) => peer.media);
  const note = media.some((one) => picture && one.camera === false) ? "camera_off" : media.some((one) => one.microphone === false) ? "muted" : "";
  const shown = part("note");
  if (shown) shown.hidden = !note;
  say(shown, note ? text(note) : "");
}

function drawPeers() {
  const stage = part("stage");
  for (const video of page.querySelectorAll("video[data-peer]")) {
    if (!line.peers.has(video.getAttribute("data-peer") ?? "")) video.remove();
  }
  for (const peer of line.peers.values()) {
    let video = /** @type {HTMLVideoElement | null} */ (page.querySelector(`video[data-peer="${peer.session}"]`));
    if (!video) {
      video = /** @type {HTMLVideoElement} */ (make("video", { "data-peer": peer.session, playsinline: "", "aria-label": part("stage")?.getAttribute("aria-label") ?? "" }));
      video.srcObject = peer.stream;
      stage?.prepend(video);
    }
    const shows = picture && peer.connected && peer.media.camera !== false;
    video.classList.toggle("dark", !shows);
    if (peer.connected && video.paused) play(video);
  }
  const anyone = [...page.querySelectorAll("video[data-peer]")].some((video) => !video.classList.contains("dark"));
  const rest = part("rest");
  if (rest) rest.hidden = anyone;
  const before = part("before");
  if (before) before.hidden = facts.state !== "requested";
}

/** @param {HTMLVideoElement} video */
function play(video) {
  const button = part("play");
  video.play().then(
    () => button && (button.hidden = true),
    (error) => button && error.name === "NotAllowedError" && (button.hidden = false),
  );
}

function drawOwn() {
  const me = /** @type {HTMLVideoElement | null} */ (part("me"));
  if (!me) return;
  me.srcObject = own.picture ? new MediaStream([own.picture]) : null;
  me.parentElement?.toggleAttribute("hidden", !own.picture);
  if (own.picture) void me.play().catch(() => undefined);
}

function stopOwn() {
  own.sound?.stop();
  own.picture?.stop();
}

part("mute")?.addEventListener("click", () => {
  switches.microphone = !switches.microphone;
  if (own.sound) own.sound.enabled = switches.microphone;
  part("mute")?.setAttribute("aria-pressed", String(!switches.microphone));
  line.tellMedia();
});

part("hide")?.addEventListener("click", async () => {
  switches.camera = !switches.camera;
  part("hide")?.setAttribute("aria-pressed", String(!switches.camera));
  own.picture?.stop(); // the camera's light goes out
  own.picture = switches.camera ? await openPicture() : null;
  line.replace("video", own.picture);
  drawOwn();
  line.tellMedia();
});

part("text")?.addEventListener("click", () => {
  const pane = /** @type {HTMLElement} */ (page.querySelector("[data-rtt]"));
  pane.hidden = !pane.hidden;
  page.classList.toggle("call__grid--plain", pane.hidden);
  part("text")?.setAttribute("aria-pressed", String(!pane.hidden));
});

part("play")?.addEventListener("click", () => {
  for (const video of page.querySelectorAll("video[data-peer]")) play(/** @type {HTMLVideoElement} */ (video));
});

page.addEventListener("live:changes", (event) => {
  for (const item of /** @type {CustomEvent} */ (event).detail.items) {
    if (item.object !== "call" || !item.data) continue;
    facts = item.data;
    if (OVER.has(facts.state)) return over();
    void join();
  }
  line.hello(); // the feed has just answered: the other side can be reached
  draw();
});
page.addEventListener("live:refused", () => over());
document.addEventListener("live:state", (event) => {
  live = /** @type {CustomEvent} */ (event).detail.state;
  draw();
});

/** The server's page says what became of it. */
function over() {
  leave();
  window.location.reload();
}

function leave() {
  if (leaving) return;
  leaving = true;
  line.close();
  stopOwn();
  if (joined) void post(page.dataset.leave ?? "", true).catch(() => undefined);
}

window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());

window.setInterval(() => {
  draw();
  if (!met || takenOver) return;
  const begun = facts.connected_at ? Date.parse(facts.connected_at) : met;
  const seconds = Math.max(0, Math.floor((Date.now() - (Math.abs(Date.now() - begun) < 43200000 ? begun : met)) / 1000));
  const clock = [Math.floor(seconds / 60), seconds % 60].map((value) => String(value).padStart(2, "0")).join(".");
  say(part("timer"), clock);
}, 1000);

async function start() {
  const media = await openMedia(picture);
  Object.assign(own, { sound: media.sound, picture: media.picture });
  switches.microphone = Boolean(media.sound);
  switches.camera = Boolean(media.picture);
  if (media.problem) part("stage")?.append(make("p", { class: "call__problem", role: "status" }, [text(media.problem)]));
  drawOwn();
  ready = true;
  await join();
  draw();
}

void start();
