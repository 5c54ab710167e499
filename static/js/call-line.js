// Who is in the call and how their pages find each other, over short-lived frames of the feed (never stored):
//   hello {session}            I am here; said again until somebody answers
//   hello {session, to}        so am I
//   description, candidate     steps of one connection, see call-peer.js
//   media {camera, microphone} what I have turned off
//   bye {session}              I leave
//   taken_over {to}            you have opened the call in another window
import { Peer } from "./call-peer.js";
import { newId } from "./dom.js";

const HELLO_MS = 3000;
const PATIENCE_MS = 15000;

/** @typedef {import("./call-peer.js").Signal} Signal */

export class Line {
  /**
   * @param {object} options
   * @param {HTMLElement} options.host element of the feed
   * @param {boolean} options.picture
   * @param {() => {sound: MediaStreamTrack | null, picture: MediaStreamTrack | null}} options.own
   * @param {() => {camera: boolean, microphone: boolean}} options.switches
   * @param {() => void} options.changed
   * @param {() => void} options.takenOver
   */
  constructor({ host, picture, own, switches, changed, takenOver }) {
    this.feed = host.dataset.feed ?? "";
    this.session = newId(); // of one try to connect; another try is another session, so that old steps are stray
    this.picture = picture;
    this.own = own;
    this.switches = switches;
    this.changed = changed;
    this.takenOver = takenOver;
    /** @type {Map<string, Peer>} */
    this.peers = new Map();
    /** @type {RTCConfiguration | null} */
    this.config = null;
    this.timer = 0;
    host.addEventListener("live:frame", (event) => {
      const frame = /** @type {CustomEvent} */ (event).detail;
      if (frame.kind === "signal" && this.config) this.receive(frame.data, frame.from);
    });
  }

  get connected() {
    return [...this.peers.values()].some((peer) => peer.connected);
  }

  /** @param {object} data */
  send(data) {
    const action = { action: "signal", feed: this.feed, data: { session: this.session, ...data } };
    document.dispatchEvent(new CustomEvent("live:send", { detail: action }));
  }

  /** @param {RTCConfiguration} config */
  open(config) {
    this.config = config;
    this.hello();
  }

  hello() {
    window.clearTimeout(this.timer);
    if (!this.config) return;
    this.timer = window.setTimeout(() => this.hello(), HELLO_MS * (0.8 + Math.random() * 0.4));
    const stale = [...this.peers.values()].filter((peer) => !peer.connected && Date.now() - peer.since > PATIENCE_MS);
    for (const peer of stale) this.forget(peer);
    if (this.connected) return;
    if (stale.length) this.session = newId();
    this.send({ kind: "hello" });
  }

  /** @param {Signal & {camera?: boolean, microphone?: boolean}} signal @param {string} actor */
  receive(signal, actor) {
    if (signal.to && signal.to !== this.session) return;
    const known = this.peers.get(signal.session);
    if (signal.kind === "hello") this.met(signal, actor, known);
    else if (signal.kind === "taken_over") {
      this.close(false);
      this.takenOver();
    } else if (!known) return;
    else if (signal.kind === "bye") this.forget(known);
    else if (signal.kind === "media") {
      known.media = { camera: signal.camera, microphone: signal.microphone };
      this.changed();
    } else void known.receive(signal);
  }

  /** @param {Signal} signal @param {string} actor @param {Peer | undefined} known */
  met(signal, actor, known) {
    if (!signal.to) this.send({ kind: "hello", to: signal.session });
    this.send({ kind: "media", to: signal.session, ...this.switches() });
    if (known) return;
    for (const older of [...this.peers.values()].filter((peer) => peer.actor === actor)) {
      this.send({ kind: "taken_over", to: older.session });
      this.forget(older);
    }
    const peer = new Peer({
      me: this.session, session: signal.session, actor, config: this.config ?? {}, picture: this.picture, own: this.own,
      send: (step) => this.send(step), changed: () => this.changed(),
    });
    this.peers.set(peer.session, peer);
    peer.begin();
    this.changed();
  }

  /** @param {Peer} peer */
  forget(peer) {
    peer.close();
    this.peers.delete(peer.session);
    this.changed();
  }

  /** What I have turned off or on. */
  tellMedia() {
    this.send({ kind: "media", ...this.switches() });
  }

  /** @param {"audio" | "video"} kind @param {MediaStreamTrack | null} track */
  replace(kind, track) {
    for (const peer of this.peers.values()) peer.replace(kind, track);
  }

  /** @param {boolean} [say] */
  close(say = true) {
    window.clearTimeout(this.timer);
    if (say && this.config) this.send({ kind: "bye" });
    this.config = null;
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
  }
}
