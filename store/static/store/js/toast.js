/**
 * Toasts: at most three, under the header, never over the pay button. Errors and warnings stay until closed; the rest
 * leave by themselves unless a pointer or the focus rests on them. The server may add one as HTML (components/toast.html
 * into #toasts) or by the header `HX-Trigger: {"toast": {...}}`.
 *
 * @typedef {{label: string, run?: () => void, href?: string}} ToastAction
 * @typedef {{kind?: "ok" | "info" | "warning" | "error", title: string, text?: string, reference?: string,
 *   action?: ToastAction, seconds?: number}} Toast
 */
import { el, icon } from "./dom.js";
import { t } from "./texts.js";

const MOST = 3;
/** @type {Record<string, number>} */
const SECONDS = { ok: 5, info: 6 };
const WITH_ACTION_SECONDS = 10;
const ICONS = { ok: "check", info: "info", warning: "alarm", error: "cross-circle" };

/** @returns {HTMLElement | null} */
const region = () => document.getElementById("toasts");

/**
 * Shows a toast and returns a function that closes it.
 * @param {Toast} options
 * @returns {() => void}
 */
export function toast({ kind = "info", title, text, reference, action, seconds }) {
  const host = region();
  if (!host) return () => {};
  const urgent = kind === "error" || kind === "warning";
  const body = el("div", { class: "toast__body" }, el("p", { class: "toast__title" }, title));
  if (text) body.append(el("p", { class: "toast__text" }, text));
  if (reference) body.append(el("p", { class: "toast__ref" }, t("reference", { reference })));
  const close = el("button", { type: "button", class: "button button--icon toast__close", "data-toast-close": true,
    "aria-label": t("dismiss") }, icon("cross", 20));
  const node = el("div", { class: `toast toast--${kind}`, role: urgent ? "alert" : "status", "data-toast": kind,
    "data-toast-seconds": seconds === undefined ? null : String(seconds) }, icon(ICONS[kind], 20), body, close);
  if (action) node.append(el("div", { class: "toast__actions" }, actionButton(action)));
  host.append(node);
  return () => node.remove();
}

/**
 * The toast after something that can be taken back.
 * @param {string} title
 * @param {() => void} undo
 * @returns {() => void}
 */
export function undoToast(title, undo) {
  return toast({ kind: "ok", title, action: { label: t("undo"), run: undo } });
}

/** @param {ToastAction} action */
function actionButton(action) {
  if (action.href) return el("a", { class: "button button--small", href: action.href }, action.label);
  const button = el("button", { type: "button", class: "button button--small", "data-toast-close": true }, action.label);
  button.addEventListener("click", () => action.run?.());
  return button;
}

/** @param {Element} node */
function adopt(node) {
  const kind = node.getAttribute("data-toast") || "info";
  keepToThree();
  const stays = kind === "error" || kind === "warning" || node.hasAttribute("data-toast-stay");
  const asked = Number(node.getAttribute("data-toast-seconds"));
  if (stays && !asked) return;
  const usual = node.querySelector(".toast__actions") ? WITH_ACTION_SECONDS : (SECONDS[kind] ?? SECONDS.info);
  leaveAfter(node, (asked || usual) * 1000);
}

/** Room for three: the oldest that is not an error goes first. */
function keepToThree() {
  const shown = [...(region()?.querySelectorAll("[data-toast]") ?? [])];
  while (shown.length > MOST) {
    const index = shown.findIndex((node) => node.getAttribute("data-toast") !== "error");
    const [gone] = shown.splice(index >= 0 && index < shown.length - 1 ? index : 0, 1);
    gone.remove();
  }
}

/**
 * @param {Element} node
 * @param {number} milliseconds
 */
function leaveAfter(node, milliseconds) {
  let timer = setTimeout(leave, milliseconds);
  function leave() {
    if (node.matches(":hover, :focus-within")) timer = setTimeout(leave, 1000);
    else node.remove();
  }
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", () => { timer = setTimeout(leave, 2000); });
}

/** Adopts toasts that the server put on the page, now and later. */
export function startToasts() {
  const host = region();
  if (!host) return;
  for (const node of host.querySelectorAll("[data-toast]")) adopt(node);
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node instanceof Element && node.matches("[data-toast]")) adopt(node);
  }).observe(host, { childList: true });
  host.addEventListener("click", (event) => {
    const close = event.target instanceof Element && event.target.closest("[data-toast-close]");
    // After the click is through, so that an htmx post on the same button still leaves.
    if (close) setTimeout(() => close.closest("[data-toast]")?.remove());
  });
  document.body.addEventListener("toast", (event) => toast(/** @type {CustomEvent} */ (event).detail));
}
