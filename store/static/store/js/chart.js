/**
 * Charts from JSON on the page. A `<figure class="chart" data-chart>` holds one `<script type="application/json">`:
 *
 * @typedef {{label: string, unit?: string, values: (number | null)[], kind?: "line" | "area" | "bars" | "steps",
 *   color?: 1 | 2 | 3 | 4 | 5, digits?: number}} ChartSeries
 * @typedef {{from: number | null, to: number | null, kind: "ok" | "warning" | "danger"}} ChartBand  a target or limit, in y
 * @typedef {{from: number, to: number, label: string}} ChartSpan  a defrost or an open door, in x (unix seconds)
 * @typedef {{x: number[], series: ChartSeries[], bands?: ChartBand[], spans?: ChartSpan[], yMin?: number, yMax?: number,
 *   xLabel?: string, categories?: string[]}} ChartData
 *
 * x is unix seconds, or 0..n-1 with `categories`. Drawn by uPlot in the page's colours and drawn again when these
 * change; the same numbers as a table are one press away, and are shown at once where the library is missing.
 */
import { el, icon } from "./dom.js";
import { language, t } from "./texts.js";
import { onTheme } from "./theme.js";

const LIBRARY = new URL("../../vendor/uPlot.esm.js", import.meta.url).href;
const BAND_ALPHA = 0.1;
const HEIGHT = 240;
const SHORT_HEIGHT = 140;
const MOST_ROWS = 300;

/** @type {Map<Element, {data: ChartData, plot: any, sizes: ResizeObserver}>} */
const charts = new Map();
/** @type {Promise<any> | null} */
let library = null;

/** The store's time zone: a chart shows the store's clock wherever it is looked at. @returns {string | undefined} */
function zone() {
  return document.documentElement.dataset.zone || undefined;
}

/** @returns {Promise<any>} uPlot, or null where it is not served */
function load() {
  library ??= import(LIBRARY).then((module) => module.default).catch(() => null);
  return library;
}

/** A token as the colour a canvas understands. @param {Element} figure @param {string} token @returns {string} */
function colour(figure, token) {
  const probe = el("i", { hidden: true });
  figure.append(probe);
  probe.style.color = `var(--${token})`;
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** @param {ChartData} data @param {number} x @returns {string} */
function xText(data, x) {
  if (data.categories) return data.categories[x] ?? "";
  return new Intl.DateTimeFormat(language(), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    timeZone: zone() })
    .format(new Date(x * 1000));
}

/** @param {ChartSeries} series @param {number | null | undefined} value @returns {string} */
function yText(series, value) {
  if (value === null || value === undefined) return "–";
  const digits = series.digits ?? (Number.isInteger(value) ? 0 : 1);
  const number = new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return series.unit ? `${number.format(value)} ${series.unit}` : number.format(value);
}

/** @param {ChartData} data @returns {HTMLElement} */
function tableOf(data) {
  const head = el("tr", {}, el("th", { scope: "col" }, data.xLabel ?? t("chart.time")),
    ...data.series.map((series) => el("th", { scope: "col", class: "num" }, series.label)));
  const step = Math.max(1, Math.ceil(data.x.length / MOST_ROWS));
  const rows = data.x.flatMap((x, index) => (index % step ? [] : [el("tr", {}, el("th", { scope: "row" }, xText(data, x)),
    ...data.series.map((series) => el("td", { class: "num" }, yText(series, series.values[index]))))]));
  return el("div", { class: "chart__table table-wrap", tabindex: "0", role: "group", "aria-label": t("chart.table") },
    el("table", { class: "table" }, el("thead", {}, head), el("tbody", {}, ...rows)));
}

/** @param {Element} figure @param {ChartData} data */
function plugins(figure, data) {
  const colours = { ok: colour(figure, "ok"), warning: colour(figure, "warning"), danger: colour(figure, "danger"),
    span: colour(figure, "muted") };
  /** @param {any} plot */
  const limitsAndSpans = (plot) => {
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    /** @param {number} value @param {string} scale @returns {number} */
    const place = (value, scale) => Math.round(plot.valToPos(value, scale, true));
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    for (const band of data.bands ?? []) {
      const y1 = band.to === null ? top : place(band.to, "y");
      const y2 = band.from === null ? top + height : place(band.from, "y");
      ctx.globalAlpha = BAND_ALPHA;
      ctx.fillStyle = colours[band.kind];
      ctx.fillRect(left, y1, width, y2 - y1);
      ctx.globalAlpha = 0.9;
      ctx.strokeStyle = colours[band.kind];
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      for (const [value, y] of [[band.to, y1], [band.from, y2]])
        if (value !== null) { ctx.beginPath(); ctx.moveTo(left, y); ctx.lineTo(left + width, y); ctx.stroke(); }
    }
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colours.span;
    for (const span of data.spans ?? [])
      ctx.fillRect(place(span.from, "x"), top, Math.max(2, place(span.to, "x") - place(span.from, "x")), height);
    ctx.restore();
  };
  return [{ hooks: { drawClear: limitsAndSpans, setCursor: (/** @type {any} */ plot) => tip(figure, data, plot) } }];
}

/** @param {Element} figure @param {ChartData} data @param {any} plot */
function tip(figure, data, plot) {
  const box = figure.querySelector(".chart__tip");
  const { idx, left } = plot.cursor;
  if (!(box instanceof HTMLElement)) return;
  box.hidden = idx === null || idx === undefined || left < 0;
  if (box.hidden) return;
  const span = (data.spans ?? []).find(({ from, to }) => data.x[idx] >= from && data.x[idx] <= to);
  box.textContent = [xText(data, data.x[idx]), ...data.series.map((one) => `${one.label} ${yText(one, one.values[idx])}`),
    ...(span ? [span.label] : [])].join(" · ");
  const room = plot.over.clientWidth - box.offsetWidth;
  box.style.insetInlineStart = `${plot.over.offsetLeft + Math.max(0, Math.min(room, left - box.offsetWidth / 2))}px`;
}

/** @param {any} UPlot @param {Element} figure @param {ChartData} data */
function seriesOf(UPlot, figure, data) {
  /** @type {Record<string, any>} */
  const paths = { bars: UPlot.paths.bars({ size: [0.7, 48], radius: 0.15 }), steps: UPlot.paths.stepped({ align: 1 }) };
  return data.series.map((one, index) => {
    const stroke = colour(figure, `chart-${one.color ?? (index % 5) + 1}`);
    const filled = one.kind === "area" ? stroke.replace(/rgba?\(([^)]+)\)/, "rgba($1, 0.14)") : undefined;
    return { label: one.label, stroke, width: 2, paths: paths[one.kind ?? ""], fill: one.kind === "bars" ? stroke : filled,
      points: { show: false }, spanGaps: false };
  });
}

/** @param {any} UPlot @param {Element} figure @param {ChartData} data @param {HTMLElement} box */
function draw(UPlot, figure, data, box) {
  const muted = colour(figure, "muted");
  const grid = { stroke: colour(figure, "chart-grid"), width: 1 };
  const font = `13px ${getComputedStyle(figure).fontFamily}`;
  const axis = { stroke: muted, grid, ticks: { ...grid, size: 6 }, font };
  const category = Boolean(data.categories);
  const formatY = new Intl.NumberFormat(language(), { maximumFractionDigits: 1 });
  const hour24 = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone() });
  const day = new Intl.DateTimeFormat(language(), { day: "numeric", month: "short", timeZone: zone() });
  const lastX = data.x.at(-1) ?? 0;
  const long = lastX - (data.x[0] ?? 0) > 2 * 86400;
  /** @param {number} x @returns {string} */
  const xTick = (x) => {
    if (category) return Number.isInteger(x) ? (data.categories?.[x] ?? "") : "";
    return (long ? day : hour24).format(new Date(x * 1000));
  };
  const options = {
    tzDate: (/** @type {number} */ x) => (zone() ? UPlot.tzDate(new Date(x * 1000), zone()) : new Date(x * 1000)),
    width: box.clientWidth || 600, height: figure.classList.contains("chart--short") ? SHORT_HEIGHT : HEIGHT,
    legend: { show: false }, cursor: { y: false, drag: { x: false, y: false } }, plugins: plugins(figure, data),
    scales: { x: category ? { time: false, range: () => [-0.6, data.x.length - 0.4] } : { time: true },
      y: { range: (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => limits(UPlot, data, low, high) } },
    series: [{}, ...seriesOf(UPlot, figure, data)],
    axes: [
      { ...axis, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(xTick), space: category ? 36 : 64 },
      { ...axis, size: 56, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map((y) => formatY.format(y)) },
    ],
  };
  return new UPlot(options, [data.x, ...data.series.map((one) => one.values)], box);
}

/**
 * The y range: the data and the limits, with air, and zero where bars stand on it.
 * @param {any} UPlot
 * @param {ChartData} data
 * @param {number | null} low
 * @param {number | null} high
 */
function limits(UPlot, data, low, high) {
  const edges = (data.bands ?? []).flatMap((band) => [band.from, band.to]).flatMap((value) => (value === null ? [] : [value]));
  const bars = data.series.some((one) => one.kind === "bars" || one.kind === "area");
  const from = Math.min(low ?? 0, ...edges, bars ? 0 : Infinity);
  const to = Math.max(high ?? 1, ...edges);
  const [nice0, nice1] = UPlot.rangeNum(from, to === from ? from + 1 : to, 0.1, true);
  return [data.yMin ?? (bars && from >= 0 ? 0 : nice0), data.yMax ?? nice1];
}

/** @param {Element} figure @param {ChartData} data */
function frame(figure, data) {
  const box = el("div", { class: "chart__plot" }, el("div", { class: "chart__tip", hidden: true }));
  const table = tableOf(data);
  table.hidden = true;
  const legend = el("ul", { class: "chart__legend", role: "list" }, ...data.series.map((one, index) =>
    el("li", {}, el("span", { class: `key key--${one.color ?? (index % 5) + 1}` }),
      one.unit ? `${one.label} (${one.unit})` : one.label)));
  const words = el("span", {}, t("chart.table"));
  const toggle = el("button", { type: "button", class: "button button--small button--quiet", "aria-pressed": "false" },
    icon("table", 16), words);
  toggle.addEventListener("click", () => {
    table.hidden = !table.hidden;
    box.hidden = !table.hidden;
    toggle.setAttribute("aria-pressed", String(!table.hidden));
  });
  figure.querySelectorAll(".chart__plot, .chart__table, .chart__foot").forEach((old) => old.remove());
  figure.append(box, table, el("div", { class: "spread chart__foot" }, legend, toggle));
  return { box, table, toggle };
}

/** @param {Element} figure */
async function start(figure) {
  const source = figure.querySelector('script[type="application/json"]');
  if (charts.has(figure) || !source) return;
  /** @type {ChartData} */
  const data = JSON.parse(source.textContent || "{}");
  const { box, table, toggle } = frame(figure, data);
  if (!data.x?.length) return void box.replaceChildren(el("p", { class: "muted" }, t("chart.empty")));
  charts.set(figure, { data, plot: null, sizes: new ResizeObserver(() => {}) });
  const UPlot = await load();
  if (!UPlot) {
    box.hidden = true;
    table.hidden = false;
    toggle.hidden = true;
    return;
  }
  const plot = draw(UPlot, figure, data, box);
  const sizes = new ResizeObserver(() => {
    if (box.clientWidth) charts.get(figure)?.plot.setSize({ width: box.clientWidth, height: plot.height });
  });
  sizes.observe(box);
  charts.set(figure, { data, plot, sizes });
}

/** New numbers for a chart on the page: the plot keeps its place, an open table stays open. @param {Element} figure @param {ChartData} data */
export function updateChart(figure, data) {
  const entry = charts.get(figure);
  if (!entry?.plot) {
    const source = figure.querySelector('script[type="application/json"]');
    if (source && !entry) {
      source.textContent = JSON.stringify(data);
      void start(figure);
    }
    return;
  }
  Object.assign(entry.data, data);
  entry.plot.setData([data.x, ...data.series.map((one) => one.values)]);
  figure.querySelector(".chart__table")?.replaceChildren(...tableOf(entry.data).childNodes);
}

/** New colours: the plots are made again with them. */
async function redraw() {
  const UPlot = await load();
  for (const [figure, entry] of charts) {
    const box = figure.querySelector(".chart__plot");
    if (!UPlot || !entry.plot || !(box instanceof HTMLElement)) continue;
    entry.plot.destroy();
    entry.plot = draw(UPlot, figure, entry.data, box);
  }
}

/** Forgets charts whose figure left the page. */
function forget() {
  for (const [figure, entry] of charts) {
    if (figure.isConnected) continue;
    entry.sizes.disconnect();
    entry.plot?.destroy();
    charts.delete(figure);
  }
}

/** Draws every chart on the page, and those that htmx brings. @param {ParentNode} [root] */
export function drawCharts(root = document) {
  forget();
  const found = [...root.querySelectorAll("figure[data-chart]")];
  if (root instanceof Element && root.matches("figure[data-chart]")) found.push(root);
  for (const figure of found) void start(figure);
}

export function startCharts() {
  drawCharts();
  document.body.addEventListener("htmx:load", (event) => drawCharts(/** @type {CustomEvent} */ (event).detail.elt));
  onTheme(redraw);
}
