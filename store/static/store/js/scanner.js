/**
 * Keyboard-wedge scanner, whatever has the focus. Keys less than 35 ms apart, at least 6 characters, ended by Enter, Tab
 * or 60 ms of silence are a scan; a person does not type like that. The 35 ms are meant on average, so that one late
 * key of a busy machine cuts no code in two; and where scans were seen to end with Enter or Tab, silence must be longer
 * before it ends one. A scan never stays in a text box: the field is put back as it was. Shorter bursts are typing and
 * arrive where they belong. A count typed before (`3*`) is the page's.
 *
 * @typedef {{code: string, at: number}} Scan
 */

export const FASTEST_TYPING_MS = 35;
export const SHORTEST_SCAN = 6;
export const SILENCE_MS = 60;
/** Silence within a scan of a scanner that is known to end its codes with a key. */
const HICCUP_MS = 200;
const ENDS_KEY = "aisle.scanner.ends";
/** Up to here keys pass through at once; from here on they are held until it is clear what they are. */
const HELD_FROM = 3;
/** What separates GS1 fields arrives as Ctrl+] from most scanners. */
const GROUP_SEPARATOR = "\u001d";

/** @type {Set<(code: string, scan: Scan) => void>} */
const listeners = new Set();
/** @type {{text: string, first: number, last: number, field: Field | null, held: string} | null} */
let burst = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let started = false;
/** When the last scan began and ended. */
const delivered = { first: Infinity, last: -Infinity };

/** @typedef {{element: HTMLInputElement | HTMLTextAreaElement, value: string, start: number | null, end: number | null}} Field */

/**
 * Calls back with each scanned code. Returns the function that stops it.
 * @param {(code: string, scan: Scan) => void} callback
 * @returns {() => void}
 */
export function onScan(callback) {
  listeners.add(callback);
  if (!started) {
    started = true;
    // Capture on the window: before any page, dialog or htmx trigger sees the key.
    addEventListener("keydown", onKey, { capture: true });
    document.documentElement.dataset.scanner = "ready";
  }
  return () => listeners.delete(callback);
}

/** Whether keys are arriving that are probably a scan. @returns {boolean} */
export function scanning() {
  return Boolean(burst && burst.text.length > 1);
}

/**
 * Whether the key pressed at this time (an event's timeStamp) belongs to a scan; asked when the next key would have come.
 * @param {number} at
 * @returns {boolean}
 */
export function inScan(at) {
  if (burst && burst.text.length > 1 && at >= burst.first) return true;
  return at >= delivered.first && at <= delivered.last;
}

/** How long a scan may be silent before it is over. @returns {number} milliseconds */
function patience() {
  return localStorage.getItem(ENDS_KEY) ? HICCUP_MS : SILENCE_MS;
}

/** Whether the burst, with one more key at this time, is too fast for hands. @param {number} at @returns {boolean} */
function isFast(at) {
  if (!burst || at - burst.last >= patience()) return false;
  const keys = burst.text.length;
  return keys === 1 || (at - burst.first) / keys < FASTEST_TYPING_MS;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Shift" || event.key === "CapsLock" || event.key === "AltGraph") return;
  if (event.isComposing || event.repeat) return;
  const quick = isFast(event.timeStamp);
  if (event.key === "Enter" || event.key === "Tab") return onEnd(event, quick);
  const character = characterOf(event);
  if (character === null) return settle();
  if (!quick) {
    settle();
    burst = { text: "", first: event.timeStamp, last: event.timeStamp, field: snapshot(), held: "" };
  }
  add(event, character);
}

/**
 * @param {KeyboardEvent} event
 * @param {string} character
 */
function add(event, character) {
  if (!burst) return;
  burst.text += character;
  burst.last = event.timeStamp;
  if (burst.text.length >= HELD_FROM || character === GROUP_SEPARATOR) {
    event.preventDefault();
    event.stopImmediatePropagation();
    burst.held += character;
  }
  clearTimeout(timer);
  timer = setTimeout(onSilence, patience());
}

/** @param {KeyboardEvent} event @returns {string | null} */
function characterOf(event) {
  if (event.ctrlKey && (event.key === "]" || event.code === "BracketRight")) return GROUP_SEPARATOR;
  if (event.key === GROUP_SEPARATOR) return GROUP_SEPARATOR;
  if (event.ctrlKey || event.metaKey || (event.altKey && !event.getModifierState("AltGraph"))) return null;
  return event.key.length === 1 ? event.key : null;
}

/**
 * @param {KeyboardEvent} event
 * @param {boolean} quick
 */
function onEnd(event, quick) {
  if (burst && quick && burst.text.length >= SHORTEST_SCAN) {
    // The scanner's Enter must press no button and send no form.
    event.preventDefault();
    event.stopImmediatePropagation();
    localStorage.setItem(ENDS_KEY, event.key);
    deliver();
  } else settle();
}

function onSilence() {
  // Keys may be waiting behind a busy page: then it was not silence.
  const scheduling = /** @type {any} */ (navigator).scheduling;
  if (scheduling?.isInputPending?.({ includeContinuous: false })) {
    timer = setTimeout(onSilence, 1);
    return;
  }
  if (burst && burst.text.length >= SHORTEST_SCAN) deliver();
  else settle();
}

function deliver() {
  clearTimeout(timer);
  const done = burst;
  burst = null;
  if (!done) return;
  Object.assign(delivered, { first: done.first, last: done.last });
  restore(done.field);
  const scan = { code: done.text, at: Date.now() };
  document.body.dispatchEvent(new CustomEvent("scan", { detail: scan }));
  for (const listener of listeners) listener(scan.code, scan);
}

/** It was typing: what was held goes where it was meant to go. */
function settle() {
  clearTimeout(timer);
  const typed = burst;
  burst = null;
  if (!typed?.held || !typed.field?.element.isConnected) return;
  const { element } = typed.field;
  if (element.selectionStart === null) element.value += typed.held;
  else element.setRangeText(typed.held, element.selectionStart, element.selectionEnd ?? element.selectionStart, "end");
  element.dispatchEvent(new InputEvent("input", { bubbles: true, data: typed.held, inputType: "insertText" }));
}

/** @returns {Field | null} */
function snapshot() {
  const element = document.activeElement;
  const typing = element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && takesText(element));
  if (!typing || element.readOnly || element.disabled) return null;
  return { element, value: element.value, start: element.selectionStart, end: element.selectionEnd };
}

/** @param {HTMLInputElement} input */
function takesText(input) {
  return !["button", "submit", "reset", "checkbox", "radio", "range", "color", "file", "image"].includes(input.type);
}

/** @param {Field | null} field */
function restore(field) {
  if (!field || !field.element.isConnected || field.element.value === field.value) return;
  field.element.value = field.value;
  if (field.start !== null) field.element.setSelectionRange(field.start, field.end);
  field.element.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "historyUndo" }));
}
