/** What scripts say to people, in the page's language. Any `<script type="application/json" id="…-texts">` adds to it. */

/** @type {Map<string, string> | null} */
let texts = null;

/** @returns {Map<string, string>} */
function load() {
  const all = new Map();
  for (const block of document.querySelectorAll('script[type="application/json"][id$="-texts"]')) {
    for (const [key, text] of Object.entries(JSON.parse(block.textContent || "{}"))) all.set(key, text);
  }
  return all;
}

/**
 * The text for a key with `{name}` places filled; the key itself when nobody wrote the text.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  texts ??= load();
  const text = texts.get(key) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The reader's language, for Intl: English is written as in Europe (store/formats/en). @returns {string} */
export function language() {
  const { lang } = document.documentElement;
  return !lang || lang === "en" ? "en-GB" : lang;
}
