/** Minor units as people of this page's language write them. */
import { language } from "../store/js/texts.js";

/**
 * @param {HTMLElement | null} source an element with data-currency and data-exponent
 * @returns {(minor: number) => string}
 */
export function moneyOf(source) {
  const currency = source?.dataset.currency || "EUR";
  const exponent = Number(source?.dataset.exponent || 2);
  const format = new Intl.NumberFormat(language(), { style: "currency", currency, minimumFractionDigits: exponent,
    maximumFractionDigits: exponent });
  return (minor) => format.format(minor / 10 ** exponent);
}

/** Only the digits of what was typed, as a number; 0 for none. @param {string} text @returns {number} */
export function digits(text) {
  return Number(text.replace(/\D/g, "").slice(0, 9) || 0);
}
