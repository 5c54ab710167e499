// Words that scripts show: translated on the server, read from the JSON block #texts.

/** @type {Record<string, string> | null} */
let words = null;

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] put in for {name}
 * @returns {string} the translated text, or the key when it is missing
 */
export function text(key, values = {}) {
  if (!words) words = JSON.parse(document.getElementById("texts")?.textContent || "{}");
  return (words?.[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
