/** In front of the sale: PIN, float, count. A scan here is not typed into any field. */
import { onScan } from "../store/js/scanner.js";
import { error } from "../store/js/sound.js";
import { toast } from "../store/js/toast.js";
import { t } from "../store/js/texts.js";
import { digits, moneyOf } from "./money.js";

onScan(() => {
  error();
  toast({ kind: "warning", title: t("till.scanSignIn") });
});

const field = document.querySelector("[data-money-digits]");
if (field instanceof HTMLInputElement) {
  const box = /** @type {HTMLElement} */ (field.closest(".till-money"));
  const money = moneyOf(box);
  const minor = /** @type {HTMLInputElement} */ (box.querySelector("[data-money-minor]"));
  const text = /** @type {HTMLOutputElement} */ (box.querySelector("output"));
  const show = () => {
    const amount = digits(field.value);
    minor.value = field.value.trim() ? String(amount) : "";
    text.textContent = money(amount);
  };
  field.addEventListener("input", show);
  show();
  document.addEventListener("click", (event) => {
    const choice = event.target instanceof Element && event.target.closest("[data-money]");
    if (!choice) return;
    field.value = choice.getAttribute("data-money") || "";
    show();
  });
}

const pin = document.getElementById("pin");
for (const person of document.querySelectorAll("[name=username]")) person.addEventListener("change", () => pin?.focus());
if (document.querySelector(".till-pin__error:not(:empty)")) error();
