/** The sale: scans and presses become commands, answers replace the basket. */
import { closeDialog, openDialog } from "../store/js/dialog.js";
import { el, icon } from "../store/js/dom.js";
import { registerKeys } from "../store/js/keys.js";
import { onScan, scanning } from "../store/js/scanner.js";
import { error as errorSound, ok as okSound } from "../store/js/sound.js";
import { t } from "../store/js/texts.js";
import { undoToast } from "../store/js/toast.js";
import { moneyOf } from "./money.js";
import { startPayment } from "./payment.js";
import { ask, insist, makeQueue, uuid7 } from "./queue.js";
import { askNumber } from "./number.js";

/** Refusals that show that this page is behind the server. */
const BEHIND = new Set(["stale_cart", "cart_closed", "no_such_line"]);
const LEAVE = new Set(["not_signed_in", "shift_closed", "not_a_device"]);
const MOST_PROBLEMS = 3;
const MAX_TIMES = 999;
const AFTER_SCAN_MS = 150;

const till = /** @type {HTMLElement} */ (document.getElementById("till"));
const problems = /** @type {HTMLElement} */ (document.getElementById("till-problems"));
const entryOut = /** @type {HTMLOutputElement} */ (document.getElementById("entry"));
const entryHint = /** @type {HTMLElement} */ (document.getElementById("entry-hint"));
const usualHint = entryHint.textContent || "";
const money = moneyOf(till);
const url = /** @type {Record<string, string>} */ (till.dataset);
let entry = "";
let times = 1;
let selected = "";
let lastScanAt = -Infinity;
/** A scan may be through before its first key has been waited for: such a key was no typing. */
const justScanned = () => scanning() || performance.now() - lastScanAt < AFTER_SCAN_MS;

/** @returns {HTMLElement} */
const basket = () => /** @type {HTMLElement} */ (document.getElementById("till-basket"));
/** @returns {HTMLElement | null} */
const selectedLine = () => (selected ? document.getElementById(`line-${selected}`) : null)
  ?? document.querySelector(".till-line.is-last") ?? document.querySelector(".till-line:last-child[data-line]");

/** Puts fragments where elements with their ids are. @param {string} html */
function place(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const focused = document.activeElement?.id;
  for (const fresh of [...holder.content.children]) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (old) old.replaceWith(fresh);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  afterBasket();
}

function afterBasket() {
  if (selected && !document.getElementById(`line-${selected}`)) selected = "";
  showSelection();
  const last = document.querySelector(".till-line.is-last");
  last?.scrollIntoView({ block: "nearest" });
  const counts = new Map();
  for (const line of document.querySelectorAll(".till-line[data-product]")) {
    const { product = "", quantity = "0", weighed } = /** @type {HTMLElement} */ (line).dataset;
    counts.set(product, (counts.get(product) ?? 0) + (weighed ? 1 : Number(quantity)));
  }
  for (const tile of document.querySelectorAll(".till-tile[data-product]")) {
    const badge = tile.querySelector(".till-tile__count");
    const count = counts.get(/** @type {HTMLElement} */ (tile).dataset.product) ?? 0;
    if (!(badge instanceof HTMLElement)) continue;
    badge.hidden = !count;
    badge.textContent = count ? String(count) : "";
  }
}

function showSelection() {
  const line = selectedLine();
  for (const one of document.querySelectorAll(".till-line__pick"))
    one.setAttribute("aria-pressed", String(one.parentElement === line));
}

/** @param {string} message @param {string} [code] @param {{search?: boolean}} [options] */
function problem(message, code = "", { search = false } = {}) {
  errorSound();
  const node = el("div", { class: "till-problem", "data-code": code }, icon("alarm", 20), el("span", { class: "grow" }, message));
  if (search) {
    const find = el("button", { type: "button", class: "button button--small" }, t("till.search"));
    find.addEventListener("click", () => { node.remove(); focusSearch(); });
    node.append(find);
  }
  const dismiss = el("button", { type: "button", class: "button button--small" }, t("till.dismiss"));
  dismiss.addEventListener("click", () => node.remove());
  node.append(dismiss);
  problems.prepend(node);
  while (problems.children.length > MOST_PROBLEMS) problems.lastElementChild?.remove();
  document.querySelector(".till-line.is-last")?.scrollIntoView({ block: "nearest" });
}

/** @typedef {{kind: string, id: string, data: object, version?: number, done?: () => void, url?: string}} Job */
const queue = makeQueue(send, (waiting) => {
  document.documentElement.dataset.waiting = String(waiting);
  if (!times || times === 1) entryHint.textContent = waiting > 1 ? t("till.waiting", { count: waiting }) : usualHint;
});

/** @param {Job} job */
async function send(job) {
  const { kind, id, data, version } = job;
  const body = version === undefined ? { kind, id, data } : { kind, id, data, version };
  const answer = await insist(job.url ?? url.commandUrl, body, (attempt) => {
    if (attempt === 0) problem(t("till.notSent"), "not_sent");
  });
  problems.querySelector('[data-code="not_sent"]')?.remove();
  if (answer.ok) {
    place(answer.html);
    if (kind === "scan") {
      okSound();
      document.querySelector(".till-line.is-last")?.classList.add("flash");
    }
    job.done?.();
    return;
  }
  await refused(answer.refusal ?? { code: "error", message: `HTTP ${answer.status}` });
}

/** @param {{code: string, message: string, data?: any}} refusal */
async function refused(refusal) {
  if (LEAVE.has(refusal.code)) return void location.assign(url.tillUrl);
  problem(refusal.message, refusal.code, { search: refusal.code === "unknown_code" });
  if (BEHIND.has(refusal.code)) await refresh();
}

/** Fetches the basket as the server has it. */
async function refresh() {
  try {
    const answer = await ask(url.orderUrl);
    if (answer.ok) place(answer.html);
    else if (answer.refusal && LEAVE.has(answer.refusal.code)) location.assign(url.tillUrl);
  } catch {
    // The next command or nudge brings it.
  }
}

/** A command about a line must meet the basket that is on the screen. @param {string} kind @param {object} data @param {() => void} [done] */
function change(kind, data, done) {
  queue.push({ kind, id: uuid7(), data, version: queue.length() ? undefined : Number(basket().dataset.version), done });
}

/** @param {string} code @param {{grams?: number}} [more] */
function add(code, more = {}) {
  payment.close();
  queue.push({ kind: "scan", id: uuid7(), data: { code, quantity: times, ...more } });
  selected = "";
  setTimes(1);
  setEntry("");
}

/** @param {string} text */
function setEntry(text) {
  entry = text.slice(0, 7);
  entryOut.textContent = entry;
}

/** @param {number} count */
function setTimes(count) {
  times = count;
  entryHint.textContent = count > 1 ? t("till.times", { count }) : usualHint;
}

function focusSearch() {
  const field = document.getElementById("till-search");
  if (field instanceof HTMLInputElement) { field.focus(); field.select(); }
}

/** Runs with the selected line, or says that there is none. @param {(line: HTMLElement) => void} act */
function withLine(act) {
  const line = selectedLine();
  if (line) act(/** @type {HTMLElement} */ (line));
  else problem(t(basket().dataset.lines === "0" ? "till.empty" : "till.nothing"));
}

/** What stands in the entry, or what the sheet asks for. @param {Parameters<typeof askNumber>[0]} options */
async function number(options) {
  if (!entry) return askNumber(options);
  const value = Number(entry);
  setEntry("");
  return { value, kind: "PERCENT" };
}

/** @type {Record<string, () => void | Promise<void>>} */
const deeds = {
  times() { setTimes(Math.min(Math.max(Number(entry) || 1, 1), MAX_TIMES)); setEntry(""); },
  plu() { if (entry) add(entry); else focusSearch(); },
  quantity: () => withLine(async (line) => {
    const weighed = Boolean(line.dataset.weighed);
    const title = t(weighed ? "till.weight" : "till.quantity", { name: line.dataset.name || "" });
    const answer = await number({ title, unit: t(weighed ? "till.grams" : "till.pieces") });
    if (!answer) return;
    if (weighed) change("weigh", { line: line.dataset.line, grams: answer.value });
    else change("set_quantity", { line: line.dataset.line, quantity: answer.value });
  }),
  discount: () => withLine(async (line) => {
    const answer = await number({ title: t("till.discount", { name: line.dataset.name || "" }), unit: "%", kinds: true, money });
    if (answer) change("line_discount", { line: line.dataset.line, kind: answer.kind, value: String(answer.value) });
  }),
  async orderDiscount() {
    if (basket().dataset.lines === "0") return problem(t("till.empty"));
    const answer = await number({ title: t("till.orderDiscount"), unit: "%", kinds: true, money });
    if (answer) change("order_discount", { kind: answer.kind, value: String(answer.value) });
  },
  remove: () => withLine((line) => {
    const { line: id, name = "" } = line.dataset;
    change("void_line", { line: id }, () => undoToast(t("till.removed", { name }), () => change("restore_line", { line: id })));
  }),
  async pay() {
    if (basket().dataset.lines === "0") return problem(t("till.empty"));
    await payment.open();
  },
  back() { payment.close(); void refresh(); },
  next() { payment.close(); void refresh(); },
  latest() { void window.htmx.ajax("GET", "latest/", { target: "#dialog-host", swap: "innerHTML" }); },
  cancel() {
    const { lines = "0", total = "0" } = basket().dataset;
    if (lines === "0") return;
    const text = /** @type {HTMLElement} */ (document.getElementById("cancel-text"));
    text.textContent = t("till.cancelText", { count: lines, amount: money(Number(total)) });
    openDialog("cancel-sheet");
  },
};

const payment = startPayment({ ask, insist, place, problem, refused, refresh, url, till, money, closeDialog,
  justScanned, idle: () => queue.length() === 0 });

/** @param {Element} tile */
async function pressTile(tile) {
  const { tile: code = "", weighed, name = "" } = /** @type {HTMLElement} */ (tile).dataset;
  if (!weighed) return add(code);
  const answer = await number({ title: t("till.weight", { name }), unit: t("till.grams") });
  if (answer) add(code, { grams: answer.value });
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const tile = event.target.closest("[data-tile]");
  if (tile) return void pressTile(tile);
  const deed = event.target.closest("[data-do]");
  if (deed) return void deeds[deed.getAttribute("data-do") || ""]?.();
  const line = event.target.closest(".till-line");
  if (line instanceof HTMLElement) {
    selected = line.dataset.line || "";
    return showSelection();
  }
  const command = event.target.closest("[data-command]");
  if (command instanceof HTMLElement) runCommand(command);
});

/** @param {HTMLElement} button */
function runCommand(button) {
  const { command = "", ...values } = button.dataset;
  const data = values.age ? { age: Number(values.age) } : { ...values };
  change(command, data, () => { if (command === "remove_tender") void payment.open(); });
}

document.getElementById("cancel-do")?.append(t("till.cancelDo"));
document.getElementById("cancel-do")?.addEventListener("click", () => {
  payment.close();
  queue.push({ kind: "cancel", id: uuid7(), data: {}, url: url.cancelUrl });
});

till.addEventListener("keypad", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-till-keypad]")) return;
  const { key } = /** @type {CustomEvent} */ (event).detail;
  setEntry(key === "back" ? entry.slice(0, -1) : entry + key);
});

// Digits typed slowly and outside any field are an entry; a burst is a scan and never arrives here.
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement || document.querySelector("dialog:modal") || payment.isOpen();
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (/^\d$/.test(event.key)) setTimeout(() => { if (!justScanned()) setEntry(entry + event.key); }, 40);
  else if (event.key === "*") setTimeout(() => { if (!justScanned()) deeds.times(); }, 40);
  else if (event.key === "Backspace") setEntry(entry.slice(0, -1));
  else if (event.key === "Enter" && entry && !(event.target instanceof HTMLButtonElement)) add(entry);
});

document.querySelector("[data-till-search]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const tiles = document.querySelectorAll("#tiles [data-tile]");
  if (tiles.length === 1) void pressTile(tiles[0]);
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.target.id === "tiles") afterBasket();
});
document.addEventListener("click", (event) => {
  const tab = event.target instanceof Element && event.target.closest("[data-department]");
  if (!tab) return;
  for (const one of document.querySelectorAll("[data-department]")) one.setAttribute("aria-pressed", String(one === tab));
  const search = document.getElementById("till-search");
  if (search instanceof HTMLInputElement) search.value = "";
});

onScan((code) => {
  lastScanAt = performance.now();
  add(code);
});

/** @param {number} step */
function move(step) {
  const lines = [...document.querySelectorAll(".till-line[data-line]")];
  const at = lines.indexOf(/** @type {Element} */ (selectedLine()));
  const next = lines[Math.min(Math.max(at + step, 0), lines.length - 1)];
  if (!(next instanceof HTMLElement)) return;
  selected = next.dataset.line || "";
  showSelection();
  next.scrollIntoView({ block: "nearest" });
}

function back() {
  if (document.querySelector("dialog:modal")) closeDialog();
  else if (payment.isOpen()) deeds.back();
  else if (entry || times > 1) { setEntry(""); setTimes(1); }
  else if (problems.firstElementChild) problems.replaceChildren();
  else /** @type {HTMLElement} */ (document.activeElement)?.blur();
}

const selling = () => !payment.isOpen();
registerKeys([
  { id: "till.search", keys: ["F2", "/"], label: t("till.keySearch"), group: t("till.group"), action: focusSearch, when: selling },
  { id: "till.quantity", keys: ["F4"], label: t("till.keyQuantity"), group: t("till.group"), action: () => void deeds.quantity(), when: selling },
  { id: "till.discount", keys: ["F6"], label: t("till.keyDiscount"), group: t("till.group"), action: () => void deeds.discount(), when: selling },
  { id: "till.latest", keys: ["F9"], label: t("till.keyLatest"), group: t("till.group"), action: () => void deeds.latest(), when: selling },
  { id: "till.pay", keys: ["F10"], label: t("till.keyPay"), group: t("till.group"), action: () => void deeds.pay(), when: selling },
  { id: "till.remove", keys: ["Delete"], label: t("till.keyRemove"), group: t("till.group"), action: () => void deeds.remove(), when: selling },
  { id: "till.up", keys: ["ArrowUp"], label: t("till.keyUp"), group: t("till.group"), action: () => move(-1), when: selling },
  { id: "till.down", keys: ["ArrowDown"], label: t("till.keyDown"), group: t("till.group"), action: () => move(1), when: selling },
  { id: "till.back", keys: ["Escape"], label: t("till.keyBack"), group: t("till.group"), action: back },
]);
document.body.addEventListener(`live:till:${till.dataset.code}`, () => { if (!queue.length() && selling()) void refresh(); });
afterBasket();
