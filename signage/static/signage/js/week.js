// The week grid: places the blocks by their minutes, moves the focus by arrow keys, and draws new rules by pointer.

const DAY = 1440;
const STEP = 30;

function place() {
  for (const node of document.querySelectorAll("[data-week] [data-from]")) {
    const from = Number(node.dataset.from);
    node.style.insetBlockStart = `${(from / DAY) * 100}%`;
    node.style.blockSize = `${((Number(node.dataset.until) - from) / DAY) * 100}%`;
  }
  for (const node of document.querySelectorAll("[data-week] [data-minute]"))
    node.style.insetBlockStart = `${((Number(node.dataset.minute) * 60) / DAY) * 100}%`;
  for (const node of document.querySelectorAll("[data-minute-line]"))
    node.style.insetBlockStart = `${(Number(node.dataset.minuteLine) / DAY) * 100}%`;
  rove();
}

/** One block is in the tab order; arrow keys reach the others. */
function rove(chosen) {
  const blocks = [...document.querySelectorAll("[data-week] a.slot")];
  const first = chosen ?? blocks.find((block) => block.dataset.from <= 540 && block.dataset.until > 540) ?? blocks[0];
  for (const block of blocks) block.tabIndex = block === first ? 0 : -1;
}

function neighbour(block, key) {
  const column = block.closest("[data-day]");
  const inColumn = [...column.querySelectorAll("a.slot")];
  const index = inColumn.indexOf(block);
  if (key === "ArrowDown") return inColumn[index + 1];
  if (key === "ArrowUp") return inColumn[index - 1];
  if (key === "Home") return inColumn[0];
  if (key === "End") return inColumn.at(-1);
  const day = Number(column.dataset.day) + (key === "ArrowRight" ? 1 : -1);
  const middle = (Number(block.dataset.from) + Number(block.dataset.until)) / 2;
  const other = document.querySelector(`[data-week] [data-day="${day}"]`);
  return [...(other?.querySelectorAll("a.slot") ?? [])].find((each) => Number(each.dataset.from) <= middle && middle < Number(each.dataset.until));
}

const clock = (minute) => `${String(Math.floor((minute % DAY) / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

function newRule(day, from, until) {
  const week = document.querySelector("[data-week]");
  const query = new URLSearchParams({ day, from_time: clock(from), until_time: clock(until), scope: week.dataset.scope });
  location.assign(`${week.dataset.newUrl}?${query}`);
}

document.addEventListener("keydown", (event) => {
  const block = event.target instanceof Element && event.target.closest("[data-week] a.slot");
  if (!block || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key.toLowerCase() === "n") {
    event.preventDefault();
    newRule(block.closest("[data-day]").dataset.day, Number(block.dataset.from), Number(block.dataset.until));
    return;
  }
  const next = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key) && neighbour(block, event.key);
  if (!next) return;
  event.preventDefault();
  rove(next);
  next.focus();
});

let drawing = null;

function minuteAt(column, event) {
  const box = column.getBoundingClientRect();
  const raw = ((event.clientY - box.top) / box.height) * DAY;
  return Math.max(0, Math.min(DAY, Math.round(raw / STEP) * STEP));
}

document.addEventListener("pointerdown", (event) => {
  const column = event.button === 0 && event.pointerType !== "touch" && event.target instanceof Element && event.target.closest("[data-week] [data-day]");
  if (!column) return;
  const start = minuteAt(column, event);
  drawing = { column, start, end: start, moved: false };
});

document.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  drawing.end = minuteAt(drawing.column, event);
  if (drawing.end === drawing.start && !drawing.moved) return;
  drawing.moved = true;
  if (!drawing.shape) {
    drawing.shape = document.createElement("div");
    drawing.shape.className = "slot slot--drawn";
    drawing.column.append(drawing.shape);
  }
  const [from, until] = [Math.min(drawing.start, drawing.end), Math.max(drawing.start, drawing.end)];
  drawing.shape.style.insetBlockStart = `${(from / DAY) * 100}%`;
  drawing.shape.style.blockSize = `${((until - from) / DAY) * 100}%`;
  drawing.shape.textContent = `${clock(from)}–${clock(until)}`;
});

document.addEventListener("pointerup", () => {
  const done = drawing;
  drawing = null;
  done?.shape?.remove();
  if (!done?.moved || done.start === done.end) return;
  addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
  newRule(done.column.dataset.day, Math.min(done.start, done.end), Math.max(done.start, done.end));
});

// A link under the pointer would be dragged instead of drawn over.
document.addEventListener("dragstart", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-week]")) event.preventDefault();
});

document.body.addEventListener("htmx:afterSettle", place);
place();
