/** Two small helpers that keep HTML strings out of the scripts. */

const SVG = "http://www.w3.org/2000/svg";

/** The sprite's address as the page links it (its name may carry a hash). @returns {string} */
function spriteUrl() {
  const used = document.querySelector("svg.icon > use");
  const href = used?.getAttribute("href") || "";
  return href.split("#")[0] || new URL("../icons/sprite.svg", import.meta.url).href;
}

/**
 * @param {string} name
 * @param {16 | 20 | 24 | 32} [size]
 * @returns {SVGSVGElement}
 */
export function icon(name, size = 24) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", size === 24 ? "icon" : `icon icon--${size}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${spriteUrl()}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * An element with attributes and children; strings become text, never markup.
 * @param {string} tag
 * @param {Record<string, string | boolean | null | undefined>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
