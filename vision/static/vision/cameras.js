/**
 * The camera page: a chart that somebody reads as a table, or a list somebody opened, is not replaced under their eyes.
 */
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  if (!(target instanceof Element) || requestConfig?.verb !== "get") return;
  const reads = target.matches("[data-keeps-table]") && target.querySelector(".chart__table:not([hidden])");
  const opened = target.matches("[data-keeps-table]") && target.querySelector("details[open]");
  if (reads || opened) /** @type {CustomEvent} */ (event).detail.shouldSwap = false;
});
