// The playlist editor: Alt and an arrow key move the item with the focus, and the focus goes along with it.

document.body.addEventListener("htmx:afterSettle", () => {
  const list = document.querySelector("#items [data-focus]");
  const wanted = list?.getAttribute("data-focus");
  if (!wanted) return;
  list.setAttribute("data-focus", "");
  document.getElementById(wanted)?.focus();
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const item = event.target instanceof Element && event.target.closest("[data-item]");
  if (!item) return;
  event.preventDefault();
  item.querySelector(`[data-move="${event.key === "ArrowUp" ? "up" : "down"}"]`)?.click();
});

// A button at the end of the list is only marked as disabled, so that the focus is not lost there.
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest('[data-move][aria-disabled="true"]')) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
