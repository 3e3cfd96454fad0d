/** The payment and change screens: fetched, pressed once, shown until the next scan. */
import { registerKeys } from "../store/js/keys.js";
import { error as errorSound, ok as okSound } from "../store/js/sound.js";
import { t } from "../store/js/texts.js";
import { digits } from "./money.js";

const NOTE_KEYS = ["1", "2", "3", "4"];

/** @param {any} page what the till's page lends: ask, insist, refused, refresh, problem, url, till, money, idle, justScanned */
export function startPayment(page) {
  const stage = /** @type {HTMLElement} */ (document.getElementById("till-stage"));
  const selling = [...page.till.querySelectorAll(".till-order, .till-products")];
  let paying = false;

  const isOpen = () => !stage.hidden;
  /** @param {boolean} open */
  function show(open) {
    stage.hidden = !open;
    for (const part of selling) part.hidden = open;
  }

  /** @param {string} html */
  function fill(html) {
    stage.innerHTML = html;
    show(true);
    const first = document.getElementById("pay-exact") ?? document.getElementById("next-customer");
    first?.focus({ preventScroll: true });
  }

  async function open() {
    // Scans on their way belong to this sale.
    while (!page.idle()) await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      const answer = await page.ask(page.url.payUrl);
      if (answer.ok) fill(answer.html);
      else await page.refused(answer.refusal);
    } catch {
      page.problem(t("till.notSent"), "not_sent");
    }
  }

  function close() {
    if (paying) return;
    stage.replaceChildren();
    show(false);
  }

  /** @param {number} cashMinor */
  async function take(cashMinor) {
    const box = document.getElementById("till-payment");
    if (paying || !box || cashMinor <= 0) return;
    paying = true;
    for (const button of stage.querySelectorAll("button")) button.disabled = true;
    const { key, cart, version } = box.dataset;
    const answer = await page.insist(page.url.payUrl, { key, cart, version: Number(version), cash_minor: cashMinor },
      () => say(t("till.notSent")));
    paying = false;
    if (answer.ok) {
      okSound();
      fill(answer.html);
      await page.refresh();
      return;
    }
    close();
    await page.refused(answer.refusal);
    await page.refresh();
  }

  /** @param {string} message */
  function say(message) {
    const place = document.getElementById("pay-problem");
    if (!place || place.textContent === message) return;
    place.textContent = message;
    errorSound();
  }

  stage.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-cash]");
    if (button instanceof HTMLElement) void take(Number(button.dataset.cash));
    if (event.target instanceof Element && event.target.closest("#pay-take")) void take(typed());
  });

  const typed = () => digits(/** @type {HTMLInputElement} */ (document.getElementById("pay-digits"))?.value || "");
  stage.addEventListener("input", () => {
    const out = document.getElementById("pay-typed");
    if (out) out.textContent = page.money(typed());
    const button = document.getElementById("pay-take");
    if (button instanceof HTMLButtonElement) button.disabled = typed() === 0;
  });

  // Enter is exact cash wherever the focus is, unless an amount was typed or another button has it.
  document.addEventListener("keydown", (event) => {
    if (!isOpen() || event.key !== "Enter" || event.repeat || document.querySelector("dialog:modal")) return;
    if (event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement) return;
    event.preventDefault();
    const exact = document.getElementById("pay-exact");
    if (typed() > 0) void take(typed());
    else if (exact) exact.click();
    else document.getElementById("next-customer")?.click();
  });

  registerKeys(NOTE_KEYS.map((key, index) => ({
    id: `till.note.${key}`, keys: [key], group: t("till.groupPay"), label: `${t("till.groupPay")} ${key}`,
    when: () => isOpen() && stage.querySelectorAll(".till-notes [data-cash]").length > index,
    action: () => {
      const note = stage.querySelectorAll(".till-notes [data-cash]")[index];
      if (note instanceof HTMLElement && !page.justScanned()) note.click();
    },
  })));

  return { open, close, isOpen };
}
