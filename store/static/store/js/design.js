/** Buttons of the /design/ page. */
import { error, notice, ok } from "./sound.js";
import { toast, undoToast } from "./toast.js";
import { t } from "./texts.js";

/** @type {Record<string, () => void>} */
const shows = {
  toasts: () => {
    undoToast("1,29", () => {});
    toast({ kind: "info", title: t("server.back") });
    toast({ kind: "error", title: t("server.failed"), text: t("server.failed.text"), reference: "7f3a91c2" });
  },
  sounds: () => {
    ok();
    setTimeout(notice, 500);
    setTimeout(error, 1200);
  },
};

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-show]");
  if (button) shows[button.getAttribute("data-show") || ""]?.();
});
