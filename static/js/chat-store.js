// Unsent messages and drafts, per reader and case, in this browser only; gone when the person signs out.

const PREFIX = "direkt:";

/** @typedef {{id: string, text: string, at: number, state: "sending" | "waiting" | "sent" | "failed", seq?: number, why?: string}} Unsent */

/** @param {string} kind @param {string} me @param {string} caseId */
const keyOf = (kind, me, caseId) => `${PREFIX}${kind}:${me}:${caseId}`;

/** @param {string} key @returns {string | null} */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be switched off: the chat works, texts just do not survive a reload
  }
}

/** @param {string} key @param {string} value empty removes */
function write(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // as above
  }
}

/** @param {string} me @param {string} caseId @returns {Unsent[]} */
export function loadUnsent(me, caseId) {
  try {
    const list = JSON.parse(read(keyOf("unsent", me, caseId)) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** @param {string} me @param {string} caseId @param {Unsent[]} list */
export function saveUnsent(me, caseId, list) {
  const kept = list.filter((one) => one.state !== "sent");
  write(keyOf("unsent", me, caseId), kept.length ? JSON.stringify(kept) : "");
}

/** @param {string} me @param {string} caseId @returns {string} */
export const loadDraft = (me, caseId) => read(keyOf("draft", me, caseId)) ?? "";

/** @param {string} me @param {string} caseId @param {string} value */
export const saveDraft = (me, caseId, value) => write(keyOf("draft", me, caseId), value);

/** Forget everything typed in this browser. */
export function forgetAll() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // as above
  }
}

document.addEventListener("submit", (event) => {
  if (event.target instanceof Element && event.target.matches("[data-sign-out]")) forgetAll();
});
if (document.body.hasAttribute("data-forget")) forgetAll();
