/** The page's entry: starts what every page has. Nothing imports this file; pages import the modules beside it. */
import { startCharts } from "./chart.js";
import { startDialogs } from "./dialog.js";
import { startFailures } from "./failures.js";
import { startKeypads } from "./keypad.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startTheme } from "./theme.js";
import { startToasts } from "./toast.js";

/** A menu closes on Esc, on a press elsewhere and when the focus leaves it. */
function startMenus() {
  /** @param {(menu: HTMLDetailsElement) => boolean} leave */
  const closeWhere = (leave) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]"))
      if (menu instanceof HTMLDetailsElement && leave(menu)) menu.open = false;
  };
  document.addEventListener("click", (event) => closeWhere((menu) => !menu.contains(/** @type {Node} */ (event.target))));
  document.addEventListener("focusin", (event) => closeWhere((menu) => !menu.contains(/** @type {Node} */ (event.target))));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeWhere((menu) => {
      if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
      return true;
    });
  });
}

/** A form is sent once: a second press while the first is on its way does nothing. */
function startSubmitGuard() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.classList.add("is-busy");
  });
  // A page that comes back out of the browser's memory was left while it was sending.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
    for (const button of document.querySelectorAll(".button.is-busy")) button.classList.remove("is-busy");
  });
}

startTheme();
startToasts();
startDialogs();
startMenus();
startSubmitGuard();
startFailures();
startKeypads();
startKeys();
startCharts();
startLive();
