/**
 * The keys of a page: registered by name, remappable, shown by `?`. Letters and digits act only outside text boxes, only
 * when single-key shortcuts are on, and only after the scanner had its say; function keys and Esc act everywhere.
 *
 * @typedef {{id: string, keys: string[], label: string, group?: string, action: (event: KeyboardEvent) => void,
 *   when?: () => boolean}} KeyBinding  keys as "F10", "Escape", "Delete", "/", "1", "Ctrl+K"
 */
import { el, icon } from "./dom.js";
import { openDialog } from "./dialog.js";
import { SILENCE_MS, inScan } from "./scanner.js";
import { t } from "./texts.js";

const MAP_KEY = "aisle.keys";
const SINGLE_KEY = "aisle.keys.single";
/** Browsers keep these; a page that takes them breaks a reflex. */
const RESERVED = new Set(["F5", "F11", "F12", "Ctrl+T", "Ctrl+W", "Ctrl+N", "Ctrl+S", "Tab", "Enter", " "]);
/** @type {Record<string, string>} */
const SHOWN = { Escape: "Esc", Delete: "Del", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", " ": "␣" };

/** @type {Map<string, KeyBinding>} */
const bindings = new Map();
let started = false;

/** @returns {Record<string, string[]>} */
function remapped() {
  try {
    return JSON.parse(localStorage.getItem(MAP_KEY) || "{}");
  } catch {
    return {};
  }
}

/** The keys that do something now. @param {KeyBinding} binding @returns {string[]} */
export function keysOf(binding) {
  return remapped()[binding.id] ?? binding.keys;
}

/** @returns {boolean} */
export function singleKeysOn() {
  return localStorage.getItem(SINGLE_KEY) !== "off";
}

/**
 * Adds bindings; returns the function that takes them away again.
 * @param {KeyBinding[]} added
 * @returns {() => void}
 */
export function registerKeys(added) {
  for (const binding of added) bindings.set(binding.id, binding);
  return () => { for (const binding of added) bindings.delete(binding.id); };
}

/** `Ctrl+K` for an event. @param {KeyboardEvent} event @returns {string} */
export function chordOf(event) {
  const single = event.key.length === 1;
  const key = single && event.ctrlKey ? event.key.toUpperCase() : event.key;
  return `${event.ctrlKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey && !single ? "Shift+" : ""}${key}`;
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

/** @param {string} chord @returns {KeyBinding | undefined} */
function find(chord) {
  return [...bindings.values()].find((binding) => keysOf(binding).includes(chord) && (binding.when?.() ?? true));
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  const chord = chordOf(event);
  const single = chord.length === 1 || chord === "Delete" || chord === "Backspace";
  if (single && (isTyping(event.target) || (chord.length === 1 && chord !== "?" && !singleKeysOn()))) return;
  if (document.querySelector("dialog:modal") && chord !== "?" && single) return;
  const binding = find(chord);
  if (!binding) return;
  event.preventDefault();
  if (chord.length !== 1) return binding.action(event);
  // One character may be the first of a scan: wait until the next one would have come.
  setTimeout(() => { if (!inScan(event.timeStamp)) binding.action(event); }, SILENCE_MS);
}

/** How a chord is written on a key cap. @param {string} chord @returns {string} */
export function keyCap(chord) {
  const parts = chord.length === 1 ? [chord] : chord.split("+");
  return parts.map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("+");
}

/** Opens the sheet that lists this page's keys and lets them be changed. */
export function showKeys() {
  document.getElementById("keys-help")?.remove();
  const close = el("button", { type: "button", class: "button button--quiet button--icon", "data-dialog-close": true,
    "aria-label": t("close") }, icon("cross"));
  const body = el("div", { class: "dialog__body stack" });
  const sheet = /** @type {HTMLDialogElement} */ (el("dialog", { class: "dialog", id: "keys-help", "aria-labelledby": "keys-title" },
    el("div", { class: "dialog__head" }, el("h2", { class: "dialog__title", id: "keys-title" }, t("keys.title")), close), body));
  sheet.addEventListener("close", () => sheet.remove());
  fill(body);
  document.body.append(sheet);
  openDialog(sheet);
}

/** @param {HTMLElement} body */
function fill(body) {
  const groups = new Map();
  for (const binding of bindings.values()) {
    const name = binding.group ?? "";
    groups.set(name, [...(groups.get(name) ?? []), binding]);
  }
  const lists = [...groups].flatMap(([name, members]) => [
    name ? el("h3", {}, name) : null,
    el("ul", { class: "list", role: "list" }, ...members.map((/** @type {KeyBinding} */ binding) => line(binding, body))),
  ]);
  body.replaceChildren(...lists.filter((node) => node !== null));
  if (!bindings.size) body.append(el("p", { class: "muted" }, t("keys.none")));
  body.append(singleSwitch(), resetButton(body));
}

/**
 * @param {KeyBinding} binding
 * @param {HTMLElement} body
 */
function line(binding, body) {
  const change = el("button", { type: "button", class: "button button--small",
    "aria-label": t("keys.change", { label: binding.label }) }, ...keysOf(binding).map((key) => el("kbd", {}, keyCap(key))));
  change.addEventListener("click", () => capture(binding, change, body));
  return el("li", {}, el("span", { class: "grow" }, binding.label), change);
}

/**
 * @param {KeyBinding} binding
 * @param {HTMLElement} button
 * @param {HTMLElement} body
 */
function capture(binding, button, body) {
  button.textContent = t("keys.press");
  /** @param {KeyboardEvent} event */
  const take = (event) => {
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const chord = chordOf(event);
    const taken = [...bindings.values()].find((other) => other.id !== binding.id && keysOf(other).includes(chord));
    if (RESERVED.has(chord)) return void (button.textContent = t("keys.reserved"));
    if (taken) return void (button.textContent = t("keys.taken", { key: keyCap(chord), label: taken.label }));
    localStorage.setItem(MAP_KEY, JSON.stringify({ ...remapped(), [binding.id]: [chord] }));
    stop();
    fill(body);
  };
  const stop = () => removeEventListener("keydown", take, { capture: true });
  addEventListener("keydown", take, { capture: true });
  button.addEventListener("blur", stop, { once: true });
}

function singleSwitch() {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", role: "switch" }));
  box.checked = singleKeysOn();
  box.addEventListener("change", () => localStorage.setItem(SINGLE_KEY, box.checked ? "on" : "off"));
  return el("div", {}, el("label", { class: "check switch" }, box, t("keys.single")),
    el("p", { class: "muted small" }, t("keys.single.hint")));
}

/** @param {HTMLElement} body */
function resetButton(body) {
  const button = el("button", { type: "button", class: "button button--quiet" }, icon("undo", 20), t("keys.reset"));
  button.addEventListener("click", () => { localStorage.removeItem(MAP_KEY); fill(body); });
  return el("div", {}, button);
}

export function startKeys() {
  if (started) return;
  started = true;
  registerKeys([{ id: "help", keys: ["?"], label: t("keys.help"), action: showKeys }]);
  addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-keys-help]")) showKeys();
  });
}
