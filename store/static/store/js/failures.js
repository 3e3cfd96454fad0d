/**
 * What becomes of htmx answers that are not good news. The server renders its refusals itself (HX-Retarget: #toasts);
 * everything else, a crash, a proxy's page, no answer at all, becomes a toast with the reference and never lands in the
 * middle of the page. Polls fail silently: the banner says what they would.
 */
import { toast } from "./toast.js";
import { t } from "./texts.js";

const FORM_INVALID = 422;
const SERVER_FAILED = 500;

/** @param {any} detail of an htmx event */
function wasAsked(detail) {
  const trigger = detail.requestConfig?.triggeringEvent;
  return detail.requestConfig?.verb !== "get" || Boolean(trigger?.isTrusted);
}

/** @param {Event} event */
function beforeSwap(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  const status = detail.xhr.status;
  if (status < 400 || status === FORM_INVALID || detail.xhr.getResponseHeader("HX-Retarget")) return;
  detail.shouldSwap = false;
  if (!wasAsked(detail)) return;
  const failed = status >= SERVER_FAILED;
  toast({ kind: "error", title: t(failed ? "server.failed" : "server.refused"),
    text: failed ? t("server.failed.text") : "", reference: detail.xhr.getResponseHeader("X-Request-Id") || String(status) });
}

/** @param {Event} event */
function notSent(event) {
  if (!wasAsked(/** @type {CustomEvent} */ (event).detail)) return;
  toast({ kind: "error", title: t("action.notSent"), text: t("action.notSent.text") });
}

/** A tile that never came says so instead of shimmering for ever. @param {Event} event */
function slotFailed(event) {
  const slot = event.target;
  const words = document.getElementById("slot-failed");
  if (!(slot instanceof HTMLElement) || !slot.matches("[data-slot]") || !slot.querySelector(".skeleton")) return;
  if (words instanceof HTMLTemplateElement) slot.replaceChildren(words.content.cloneNode(true));
}

export function startFailures() {
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
    document.body.addEventListener(name, slotFailed);
  document.body.addEventListener("htmx:beforeSwap", beforeSwap);
  document.body.addEventListener("htmx:sendError", notSent);
  document.body.addEventListener("htmx:timeout", notSent);
}
