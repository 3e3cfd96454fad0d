/** One sheet for every number the till asks for: a count, a weight, a discount. */
import { closeDialog, openDialog } from "../store/js/dialog.js";

/**
 * @param {{title: string, unit: string, kinds?: boolean, money?: (minor: number) => string}} options with `kinds` the
 *   sheet offers percent or amount
 * @returns {Promise<{value: number, kind: string} | null>} null when it was closed
 */
export function askNumber({ title, unit, kinds = false, money }) {
  const sheet = /** @type {HTMLDialogElement} */ (document.getElementById("number-sheet"));
  const form = /** @type {HTMLFormElement} */ (document.getElementById("number-form"));
  const input = /** @type {HTMLInputElement} */ (document.getElementById("number-input"));
  const unitOut = /** @type {HTMLElement} */ (document.getElementById("number-unit"));
  const choice = /** @type {HTMLElement} */ (document.getElementById("number-kinds"));
  for (const id of ["number-title", "number-label"]) /** @type {HTMLElement} */ (document.getElementById(id)).textContent = title;
  let kind = "PERCENT";
  const show = () => {
    unitOut.textContent = kinds && kind === "AMOUNT" && money ? `= ${money(value())}` : unit;
    for (const one of choice.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.dataset.kind === kind));
  };
  const value = () => Number(input.value.replace(/\D/g, "") || 0);
  const choose = (/** @type {Event} */ event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-kind]") : null;
    if (button instanceof HTMLElement) kind = button.dataset.kind || "PERCENT";
    show();
    input.focus();
  };
  input.value = "";
  choice.hidden = !kinds;
  show();
  return new Promise((resolve) => {
    const send = (/** @type {Event} */ event) => {
      event.preventDefault();
      finish({ value: value(), kind });
      closeDialog(sheet);
    };
    const close = () => finish(null);
    const finish = (/** @type {{value: number, kind: string} | null} */ answer) => {
      form.removeEventListener("submit", send);
      sheet.removeEventListener("close", close);
      choice.removeEventListener("click", choose);
      input.removeEventListener("input", show);
      resolve(answer);
    };
    form.addEventListener("submit", send);
    sheet.addEventListener("close", close);
    choice.addEventListener("click", choose);
    input.addEventListener("input", show);
    openDialog(sheet);
    input.focus();
  });
}
