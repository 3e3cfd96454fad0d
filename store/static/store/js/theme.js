/** Light, dark or as the machine says. Kept in a cookie so that the server writes it into the first byte of the page. */

const COOKIE = "aisle_theme";
const CHOICES = ["light", "dark", "auto"];
const YEAR_SECONDS = 365 * 24 * 3600;

/** @returns {string} */
export function theme() {
  const found = document.documentElement.dataset.theme || "auto";
  return CHOICES.includes(found) ? found : "auto";
}

/** @param {string} choice light, dark or auto */
export function setTheme(choice) {
  if (!CHOICES.includes(choice)) return;
  document.documentElement.dataset.theme = choice;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${choice}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
  show();
  document.body.dispatchEvent(new CustomEvent("theme:changed", { detail: { theme: choice } }));
}

/** Calls back whenever colours change, by choice or by the machine. @param {() => void} callback */
export function onTheme(callback) {
  document.body.addEventListener("theme:changed", callback);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
}

function show() {
  for (const button of document.querySelectorAll("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-set") === theme()));
}

export function startTheme() {
  show();
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-theme-set]");
    if (button) setTheme(button.getAttribute("data-theme-set") || "auto");
  });
}
