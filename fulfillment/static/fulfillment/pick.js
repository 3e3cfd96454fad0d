/**
 * The picker's phone: scans go to the server one after the other, each with an id of its own, so that one sent twice counts
 * once. While the Wi-Fi is away they wait here, in sight, and leave in order.
 */
import { onScan } from "../store/js/scanner.js";
import * as sound from "../store/js/sound.js";

const RETRY_MS = 2000;

/** @typedef {{url: string, body: URLSearchParams}} Waiting */

/** @type {Waiting[]} */
const queue = [];
let busy = false;

/** @returns {HTMLElement | null} */
const step = () => document.getElementById("pick-step");

/** @returns {string} */
function token() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

/** `crypto.randomUUID` exists only on https and localhost; phones on the shop floor may use neither. @returns {string} */
function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * @param {string} code
 * @param {boolean} [confirmed]
 */
function take(code, confirmed = false) {
  const here = step();
  if (!here?.dataset.scanUrl || !code.trim()) return;
  const quantity = here.querySelector("input[name=quantity]");
  const body = new URLSearchParams({ code: code.trim(), line: here.dataset.line || "", scan_id: freshId(),
    quantity: quantity instanceof HTMLInputElement ? quantity.value : "1" });
  if (confirmed) body.set("confirmed", "yes");
  queue.push({ url: here.dataset.scanUrl, body });
  void pump();
}

async function pump() {
  if (busy) return;
  busy = true;
  while (queue.length) {
    if (!(await send(queue[0]))) {
      showQueue();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      continue;
    }
    queue.shift();
    showQueue();
  }
  busy = false;
}

/** @param {Waiting} scan @returns {Promise<boolean>} whether the server has it */
async function send({ url, body }) {
  // A scan for a line that was finished by an earlier one in the queue belongs to the line shown now.
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
  } catch {
    return false;
  }
  if (answer.status >= 500) return false;
  if (answer.status !== 200 && answer.status !== 422) {
    sound.error();
    location.reload();
    return true;
  }
  show(await answer.text());
  (answer.status === 200 ? sound.ok : sound.error)();
  return true;
}

/** @param {string} html the server's own fragment */
function show(html) {
  const here = step();
  if (!here) return;
  const fresh = document.createRange().createContextualFragment(html);
  const next = fresh.querySelector("#pick-step");
  if (!next) return;
  here.replaceWith(next);
  /** @type {any} */ (window).htmx?.process(next);
}

function showQueue() {
  const badge = document.getElementById("scan-queue");
  if (!badge) return;
  badge.hidden = queue.length === 0;
  const words = badge.querySelector("span");
  if (words) words.textContent = String(queue.length);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.id !== "pick-form") return;
  event.preventDefault();
  const input = form.elements.namedItem("code");
  if (!(input instanceof HTMLInputElement)) return;
  if (input.value.trim()) take(input.value);
  else input.focus();
  input.value = "";
}, { capture: true });

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-scan-confirm]") : null;
  if (button instanceof HTMLElement) take(button.dataset.scanConfirm || "", true);
});

document.body.addEventListener("pick:right", () => sound.ok());
document.body.addEventListener("pick:wrong", () => sound.error());

onScan((code) => {
  const bin = document.getElementById("bin-code");
  if (bin instanceof HTMLInputElement) {
    bin.value = code;
    bin.form?.requestSubmit();
  } else take(code);
});
