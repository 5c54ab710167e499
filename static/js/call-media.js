// Own camera and microphone: opening them, what is missing, turning the camera off for real, the sound level.

const CHOSEN = "direkt-devices";

/** @returns {{camera?: string, microphone?: string}} ids chosen on the hardware page of this browser */
export function chosen() {
  try {
    return JSON.parse(localStorage.getItem(CHOSEN) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {{camera?: string, microphone?: string}} devices */
export function choose(devices) {
  try {
    localStorage.setItem(CHOSEN, JSON.stringify({ ...chosen(), ...devices }));
  } catch {
    /* a browser that keeps nothing asks again next time */
  }
}

/** @param {string | undefined} id */
const device = (id) => (id ? { deviceId: { ideal: id } } : {});

/** @returns {MediaTrackConstraints} */
export const soundWanted = () => ({ ...device(chosen().microphone), echoCancellation: true, noiseSuppression: true, autoGainControl: true });

/** @returns {MediaTrackConstraints} */
export const pictureWanted = () => ({
  ...device(chosen().camera), width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24 }, facingMode: "user",
});

/** @param {MediaStreamConstraints} wanted @returns {Promise<MediaStream | null>} */
async function tryOpen(wanted) {
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch {
    return null;
  }
}

/**
 * What can be opened of what the call needs: both, only sound, or nothing.
 * @param {boolean} picture
 * @returns {Promise<{sound: MediaStreamTrack | null, picture: MediaStreamTrack | null, problem: string}>}
 */
export async function openMedia(picture) {
  if (!navigator.mediaDevices) return { sound: null, picture: null, problem: "only_text" };
  const whole = await tryOpen({ audio: soundWanted(), video: picture ? pictureWanted() : false });
  const sound = whole ?? (picture ? await tryOpen({ audio: soundWanted() }) : null);
  const seen = whole ? whole.getVideoTracks()[0] : picture && !sound ? (await tryOpen({ video: pictureWanted() }))?.getVideoTracks()[0] : null;
  const heard = sound?.getAudioTracks()[0] ?? null;
  const problem = !heard && !seen ? "only_text" : picture && !seen ? "only_sound" : "";
  return { sound: heard, picture: seen ?? null, problem };
}

/** Turn the camera on again. @returns {Promise<MediaStreamTrack | null>} */
export async function openPicture() {
  return (await tryOpen({ video: pictureWanted() }))?.getVideoTracks()[0] ?? null;
}

/**
 * Tell the level of a sound some times a second.
 * @param {MediaStream} stream @param {(level: number) => void} tell between 0 and 1
 * @returns {() => void} stops it
 */
export function listen(stream, tell) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getByteTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += ((sample - 128) / 128) ** 2;
    tell(Math.min(1, Math.sqrt(sum / samples.length) * 4));
  }, 100);
  return () => {
    window.clearInterval(timer);
    void context.close();
  };
}

/** Two short tones from the chosen speaker. @returns {Promise<void>} */
export async function playSound() {
  const context = new AudioContext();
  await context.resume();
  const gain = context.createGain();
  gain.gain.value = 0.2;
  gain.connect(context.destination);
  for (const [hertz, from] of [[523, 0], [784, 0.35]]) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(context.currentTime + from);
    tone.stop(context.currentTime + from + 0.3);
  }
  window.setTimeout(() => void context.close(), 1200);
}
