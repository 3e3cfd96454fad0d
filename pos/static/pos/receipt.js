/** The receipt's page: print on demand, and at once when the till asked for it. */
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
if (new URLSearchParams(location.search).has("print") && !navigator.webdriver) window.print();
