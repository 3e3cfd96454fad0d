/**
 * Native dialogs. `data-dialog-open="id"` opens one of the page, `data-dialog-close` closes the one around it, and any
 * `<dialog>` that htmx puts into #dialog-host opens by itself and is removed when closed. Esc and a press on the
 * backdrop close too, unless the dialog has `data-dialog-firm` (then only its own buttons do). Focus goes back to
 * where it came from. The server closes all with the header `HX-Trigger: dialog:close`.
 */

/** @type {WeakMap<HTMLDialogElement, Element | null>} */
const openers = new WeakMap();

/**
 * @param {string | HTMLDialogElement} target a dialog or its id
 * @returns {HTMLDialogElement | null}
 */
export function openDialog(target) {
  const dialog = typeof target === "string" ? document.getElementById(target) : target;
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return null;
  openers.set(dialog, document.activeElement);
  dialog.addEventListener("close", onClose);
  dialog.addEventListener("cancel", onCancel);
  dialog.addEventListener("pointerdown", onPress);
  dialog.showModal();
  carryToasts();
  return dialog;
}

/** @param {string | Element} [target] a dialog, something inside one, an id, or nothing for all that are open */
export function closeDialog(target) {
  const found = typeof target === "string" ? document.getElementById(target) : target?.closest("dialog");
  const dialogs = target ? [found] : [...document.querySelectorAll("dialog[open]")];
  for (const dialog of dialogs) if (dialog instanceof HTMLDialogElement) dialog.close();
}

/** @type {HTMLElement | null} */
let toasts = null;

/** Everything outside a modal dialog is inert, so the messages move into the topmost one while it is open. */
function carryToasts() {
  // Kept by hand: whoever removes an open dialog must not take the messages with it.
  toasts ??= document.getElementById("toasts");
  const top = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (toasts && toasts.parentElement !== top) top.append(toasts);
}

/** @param {Event} event */
function onClose(event) {
  const dialog = /** @type {HTMLDialogElement} */ (event.currentTarget);
  for (const [name, listener] of [["close", onClose], ["cancel", onCancel], ["pointerdown", onPress]])
    dialog.removeEventListener(/** @type {string} */ (name), /** @type {EventListener} */ (listener));
  carryToasts();
  const opener = openers.get(dialog);
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
  if (dialog.parentElement?.id === "dialog-host") dialog.remove();
}

/** @param {Event} event */
function onCancel(event) {
  const dialog = /** @type {HTMLDialogElement} */ (event.currentTarget);
  if (dialog.hasAttribute("data-dialog-firm")) event.preventDefault();
}

/** @param {Event} event */
function onPress(event) {
  const dialog = /** @type {HTMLDialogElement} */ (event.currentTarget);
  if (event.target !== dialog || dialog.hasAttribute("data-dialog-firm")) return;
  const box = dialog.getBoundingClientRect();
  const { clientX: x, clientY: y } = /** @type {PointerEvent} */ (event);
  const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  // Act on release, as everywhere else.
  if (!inside) addEventListener("pointerup", () => dialog.close(), { once: true });
}

/** Listens for the attributes and for dialogs that arrive by htmx. */
export function startDialogs() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opens = event.target.closest("[data-dialog-open]");
    if (opens) openDialog(opens.getAttribute("data-dialog-open") || "");
    const closes = event.target.closest("[data-dialog-close]");
    // After the click is through, so that an htmx request on the same button still leaves.
    if (closes) setTimeout(() => closeDialog(closes));
  });
  const host = document.getElementById("dialog-host");
  if (host)
    new MutationObserver(() => {
      carryToasts();
      const dialog = host.querySelector("dialog:not([open])");
      if (dialog instanceof HTMLDialogElement) openDialog(dialog);
    }).observe(host, { childList: true });
  document.body.addEventListener("htmx:afterSwap", carryToasts);
  document.body.addEventListener("dialog:close", () => closeDialog());
}
