/**
 * On-screen keypads and steppers, by attribute (components/keypad.html, components/stepper.html). A keypad writes to the
 * input named by data-keypad-for (and fires `input` there); every key also fires `keypad` with `{key}` on the keypad.
 */

/** @param {HTMLElement} pad @param {string} key */
function press(pad, key) {
  pad.dispatchEvent(new CustomEvent("keypad", { bubbles: true, detail: { key } }));
  const target = document.getElementById(pad.dataset.keypadFor || "");
  if (!(target instanceof HTMLInputElement)) return;
  const room = target.maxLength < 0 ? Infinity : target.maxLength;
  if (key === "clear") target.value = "";
  else if (key === "back") target.value = target.value.slice(0, -1);
  else if (target.value.length + key.length <= room) target.value += key;
  target.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {HTMLElement} button */
function step(button) {
  const input = button.closest("[data-stepper]")?.querySelector("input");
  if (!(input instanceof HTMLInputElement)) return;
  if (Number(button.dataset.step) > 0) input.stepUp();
  else input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export function startKeypads() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const key = event.target.closest("[data-keypad-key]");
    const pad = key?.closest("[data-keypad]");
    if (key instanceof HTMLElement && pad instanceof HTMLElement) press(pad, key.dataset.keypadKey || "");
    const stepper = event.target.closest("[data-step]");
    if (stepper instanceof HTMLElement) step(stepper);
  });
}
