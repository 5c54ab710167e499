// Small helpers shared by the modules: parse our own server's HTML, draw an icon, make an id.

/**
 * Parse HTML that our own server rendered. A template element never runs scripts, and rows parse outside a table.
 * @param {string} html
 * @returns {Element | null}
 */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

/** Let htmx see elements that did not come through it. @param {Element} element */
export function process(element) {
  /** @type {any} */ (window).htmx?.process(element);
}

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Copy an icon that already stands on the page, so that no address of the sprite is needed here. @param {string} name */
export function icon(name) {
  const sprite = document.querySelector("svg.i use")?.getAttribute("href")?.split("#")[0] ?? "/static/img/icons.svg";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i i--s");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** A random id; also where crypto.randomUUID is missing (pages not served securely). @returns {string} */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @returns {string} the token Django wants with every change */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/** @param {EventTarget | null} target @returns {boolean} whether keys typed there are text */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
