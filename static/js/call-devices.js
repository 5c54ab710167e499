// Trying out camera, microphone and sound (AUTH-14); the same part before a resident accepts a call.
import { choose, listen, pictureWanted, playSound, soundWanted } from "./call-media.js";
import { make } from "./dom.js";

const words = JSON.parse(document.getElementById("call-texts")?.textContent || "{}");
const SILENCE = 0.02;

/** @param {HTMLElement} part */
function tryOut(part) {
  const live = /** @type {HTMLElement} */ (part.querySelector("[data-devices-live]"));
  const view = /** @type {HTMLVideoElement | null} */ (part.querySelector("[data-devices-view]"));
  const meter = /** @type {HTMLMeterElement} */ (part.querySelector("[data-devices-level]"));
  const list = /** @type {HTMLElement} */ (part.querySelector("[data-devices-words]"));
  const withCamera = part.hasAttribute("data-camera");
  /** @type {MediaStreamTrack[]} */
  let tracks = [];
  let quiet = () => {};
  let loudest = 0;

  /** One line per thing tried, the newest word of each. @param {string} what @param {string} key */
  function say(what, key) {
    const line = list.querySelector(`[data-of="${what}"]`) ?? list.appendChild(make("li", { "data-of": what }));
    line.setAttribute("data-word", key);
    line.textContent = words[key] ?? key;
  }

  function stop() {
    quiet();
    for (const track of tracks) track.stop();
    tracks = [];
  }

  /** @param {string} what @param {MediaStreamConstraints} wanted @returns {Promise<MediaStream | null>} */
  async function open(what, wanted) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    } catch (error) {
      say(what, `${what}_${error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "missing"}`);
      return null;
    }
  }

  async function start() {
    stop();
    if (!navigator.mediaDevices) return say("microphone", "microphone_missing");
    const sound = await open("microphone", { audio: soundWanted() });
    if (sound) {
      loudest = 0;
      say("microphone", "microphone_silent");
      quiet = listen(sound, (level) => {
        meter.value = level;
        loudest = Math.max(loudest, level);
        if (loudest > SILENCE) say("microphone", "microphone_works");
      });
    }
    if (withCamera && view) {
      const picture = await open("camera", { video: pictureWanted() });
      view.srcObject = picture;
      if (picture) {
        await view.play().catch(() => undefined);
        say("camera", "camera_works");
      }
    }
    live.hidden = !tracks.length;
    await fill();
  }

  async function fill() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const select of part.querySelectorAll("select")) {
      const kind = select.dataset.devicesPick;
      const used = tracks.find((track) => track.kind === (kind === "videoinput" ? "video" : "audio"))?.getSettings().deviceId;
      const options = devices.filter((one) => one.kind === kind).map((one, index) => {
        const option = new Option(one.label || (words.device ?? "{n}").replace("{n}", String(index + 1)), one.deviceId);
        option.selected = one.deviceId === used;
        return option;
      });
      select.replaceChildren(...options);
    }
  }

  part.querySelector("[data-devices-start]")?.addEventListener("click", () => void start());
  part.querySelector("[data-devices-sound]")?.addEventListener("click", () => void playSound().then(() => say("sound", "sound_played")));
  part.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLSelectElement)) return;
    choose(event.target.dataset.devicesPick === "videoinput" ? { camera: event.target.value } : { microphone: event.target.value });
    void start();
  });
  // Going on to the call: the devices must be free for it.
  window.addEventListener("pagehide", stop);
}

for (const part of document.querySelectorAll("[data-devices]")) tryOut(/** @type {HTMLElement} */ (part));
