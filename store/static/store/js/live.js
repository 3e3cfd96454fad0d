/**
 * Nudges from the server over one WebSocket: `/ws/live?topics=a,b`. Each message `{"topic": "orders", ...}` becomes the
 * event `live:orders` on the body, and a fragment with `hx-trigger="live:orders from:body, every 20s"` fetches itself.
 * After a reconnection every topic is announced once, because nudges may have been missed. `<html data-link>` is
 * `online`, `connecting` or `offline`; after two seconds away a banner says so.
 */
import { el, icon } from "./dom.js";
import { t } from "./texts.js";
import { toast } from "./toast.js";

const BANNER_AFTER_MS = 2000;
const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 15000;
const SILENT_MS = 45000;
const PROBE_MS = 2000;
const LATE_START_MS = 1000;

/** @type {Set<string>} */
const topics = new Set();
/** @type {WebSocket | null} */
let socket = null;
let attempts = 0;
let everOpen = false;
let lastHeard = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let bannerTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retryTimer;

/** @returns {"online" | "connecting" | "offline"} */
export function link() {
  return /** @type {any} */ (document.documentElement.dataset.link) || "connecting";
}

/** Adds topics to listen to; connects again when that changes anything. @param {...string} names */
export function listen(...names) {
  const before = topics.size;
  for (const name of names) if (name.trim()) topics.add(name.trim());
  if (topics.size !== before) connect();
}

/**
 * A random delay that doubles with each failure: all tills must not knock at the same instant.
 * @param {number} attempt
 * @param {() => number} [random]
 * @returns {number} milliseconds
 */
export function backoff(attempt, random = Math.random) {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/** @param {"online" | "connecting" | "offline"} state */
function setLink(state) {
  if (document.documentElement.dataset.link === state) return;
  document.documentElement.dataset.link = state;
  document.body.dispatchEvent(new CustomEvent("live:state", { detail: { state } }));
}

function connect() {
  clearTimeout(retryTimer);
  const old = socket;
  socket = null;
  old?.close();
  if (!topics.size) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const fresh = new WebSocket(`${scheme}//${location.host}/ws/live?topics=${encodeURIComponent([...topics].join(","))}`);
  socket = fresh;
  fresh.addEventListener("open", () => socket === fresh && opened());
  fresh.addEventListener("message", (event) => socket === fresh && heard(event.data));
  fresh.addEventListener("close", (event) => socket === fresh && lost(event.code));
}

function opened() {
  attempts = 0;
  lastHeard = performance.now();
  clearTimeout(bannerTimer);
  bannerTimer = undefined;
  const back = everOpen;
  const shown = hideBanner();
  everOpen = true;
  setLink("online");
  // A page whose socket opened late may have missed a nudge since it was rendered.
  if (back || performance.now() > LATE_START_MS) for (const topic of topics) announce(topic, { topic, resync: true });
  if (back && shown) toast({ kind: "ok", title: t("server.back") });
}

/** @param {string} data */
function heard(data) {
  lastHeard = performance.now();
  let message;
  try {
    message = JSON.parse(data);
  } catch {
    return; // Not ours to read; the poll behind every fragment still works.
  }
  if (message && typeof message.topic === "string") announce(message.topic, message);
}

/**
 * @param {string} topic
 * @param {object} detail
 */
function announce(topic, detail) {
  document.body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail }));
}

/** @param {number} [code] */
function lost(code) {
  if (link() === "online") setLink("connecting");
  if (link() !== "offline") bannerTimer ??= setTimeout(showBanner, BANNER_AFTER_MS);
  // Closed by policy: the session or the device's credential has ended. Asking again would not help.
  if (code === 4401 || code === 4403 || code === 1008) return signedOut();
  retryTimer = setTimeout(connect, backoff(attempts));
  attempts += 1;
}

function signedOut() {
  clearTimeout(bannerTimer);
  setLink("offline");
  toast({ kind: "warning", title: t("signed.out"), text: t("signed.out.text"),
    action: { label: t("retry"), run: () => location.reload() } });
}

/** The socket alone may be refused while pages are answered: then fragments poll, and no banner frightens anybody. */
async function serverAnswers() {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) })).ok;
  } catch {
    return false;
  }
}

async function showBanner() {
  bannerTimer = undefined;
  if (await serverAnswers()) return;
  if (link() === "online") return;
  setLink("offline");
  const banner = document.getElementById("link-banner");
  if (!banner) return;
  banner.replaceChildren(icon("offline", 20), el("span", { class: "banner__text" },
    el("strong", {}, t("server.away")), " · ", t("server.away.text")));
  banner.hidden = false;
}

/** @returns {boolean} whether it was shown */
function hideBanner() {
  const banner = document.getElementById("link-banner");
  const shown = Boolean(banner && !banner.hidden);
  if (banner) banner.hidden = true;
  return shown;
}

/** A socket may stay open towards a server that is gone; the server speaks at least every 30 s. */
function watchSilence() {
  if (socket?.readyState === WebSocket.OPEN && speaks && performance.now() - lastHeard > SILENT_MS) connect();
}
/** Only a server that sends heartbeats is judged by its silence. */
let speaks = false;

export function startLive() {
  document.body.addEventListener("live:heartbeat", () => { speaks = true; });
  const wanted = `${document.body.dataset.liveTopics || ""},${document.body.dataset.liveAlways || ""}`;
  setInterval(watchSilence, 5000);
  addEventListener("online", () => connect());
  addEventListener("pagehide", () => { const old = socket; socket = null; old?.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  listen(...wanted.split(","));
}
