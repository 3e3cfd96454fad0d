// The screen: resolves the schedule by its own clock ten times a second and shows what it says. Never black.
import { Link } from "./link.js";
import { pairing } from "./pairing.js";
import { Proof } from "./proof.js";
import * as records from "./records.js";
import { playhead, resolve } from "./schedule.js";
import { brand, refreshPrice, slide } from "./slides.js";
import { keepMedia, startWorker } from "./cache.js";
import { Panel } from "./panel.js";

const TICK_MS = 100;
const OVERDUE_MS = 2000;
const CALM_MS = 3000;

const data = JSON.parse(document.getElementById("player-data").textContent);
const { urls, texts, store, preview } = data;
const layers = [...document.querySelectorAll("[data-layer]")];
let shownLayer = 0;
let manifest = null;
let current = null;
let preparing = null;
let lastAlive = 0;
let lastTick = performance.now();
let stuck = 0;
let storage = "MEMORY";

const link = new Link({ urls, preview, onManifest: stage, onAlive: alive, onUnpaired: unpaired });
const now = () => Date.now() + link.offset;
const proof = new Proof({ send: (plays) => link.sendPlays(plays), clock: now });
const panel = new Panel({ texts, facts: aboutMe });

function alive() {
  lastAlive = now();
}

function moment() {
  return { now: now(), fresh: lastAlive > 0 && now() - lastAlive < (manifest?.price_ttl_s ?? 0) * 1000 };
}

/** A new manifest counts as soon as its pictures are here; until then the old one plays on. */
async function stage(fresh) {
  await keepMedia(fresh, { worker: storage === "WORKER" });
  if (link.version !== fresh.version) return;
  manifest = fresh;
  if (!preview) await records.keep("manifest", fresh).catch(() => {});
  document.body.dataset.version = fresh.version;
  tick();
}

/** What should be on the screen now: {key, item, choice, position}; item null for the card of last resort. */
function wanted(at) {
  const choice = resolve({ ...manifest, zone: manifest.display.zone }, at);
  for (const playlist of [choice.playlist, manifest.default]) {
    const items = manifest.playlists[String(playlist)]?.items ?? [];
    const since = playlist === choice.playlist ? choice.since : 0;
    const position = playhead(items.map((item) => item.duration_ms), since, at);
    if (!position) continue;
    const item = items[position.index];
    return { choice, position, item, playlist, key: `${choice.kind} ${choice.cause} ${item.id} ${position.starts_at}` };
  }
  return { choice, item: null, playlist: manifest.default, key: "brand", position: { ends_at: Infinity } };
}

/** An audience switch never cuts an item in its last three seconds; overrides and emergencies do. */
function mayCut(next, at) {
  if (!current?.item || next.choice.ladder > 2) return true;
  const targeted = next.choice.kind === "target" || current.choice.kind === "target";
  const left = current.position.ends_at - at;
  return !(targeted && left > 0 && left <= CALM_MS);
}

function tick() {
  lastTick = performance.now();
  if (!manifest || document.body.dataset.state === "unpaired") return;
  const at = now();
  const next = wanted(at);
  document.body.dataset.state = "playing";
  if (current?.item && current.key === next.key) refreshPrice(layers[shownLayer], current.item, { manifest, moment: moment() });
  if (current?.key === next.key || preparing?.key === next.key || !mayCut(next, at)) return watch(at);
  preparing = next;
  void show(next).finally(() => {
    if (preparing === next) preparing = null;
  });
}

/** Prepares the hidden layer, writes the proof, then flips. What became stale meanwhile is dropped. */
async function show(next) {
  const ready = next.item ? await slide(next.item, { manifest, moment: moment() }) : brand(store);
  if (preparing !== next) return;
  const play = ready && next.item && !preview ? await proof.begin(factsOf(next, ready)).catch(() => null) : null;
  if (preparing !== next) {
    if (play) await proof.cancel(play).catch(() => {});
    return;
  }
  flip(ready ?? brand(store));
  current = next;
  stuck = 0;
  document.body.dataset.playlist = manifest.playlists[String(next.playlist)]?.name ?? "";
  document.body.dataset.item = next.item?.title ?? "";
  document.body.dataset.cause = next.choice.kind;
  if (play) await proof.shown(play, next.position.ends_at).catch(() => {});
  else await proof.end().catch(() => {});
  link.beat?.();
}

function flip(content) {
  const hidden = layers[1 - shownLayer];
  hidden.replaceChildren(content);
  hidden.classList.add("layer--shown");
  layers[shownLayer].classList.remove("layer--shown");
  shownLayer = 1 - shownLayer;
}

function factsOf(next, ready) {
  const card = next.item.product ? manifest.cards[String(next.item.product)] : null;
  return {
    playlist: manifest.playlists[String(next.playlist)].name,
    title: next.item.title,
    media: next.item.media,
    cause: next.choice.kind,
    cause_id: next.choice.cause,
    product: next.item.product,
    price_version: card && ready.querySelector(".offer__price") ? card.price_version : null,
  };
}

/** The watchdog: an item that outstays its time by two seconds is drawn again, then the page is loaded anew. */
function watch(at) {
  if (!current || at < current.position.ends_at + OVERDUE_MS || preparing) return;
  stuck += 1;
  current = null;
  if (stuck > 3) reload();
}

function reload() {
  const tries = Number(sessionStorage.getItem("reloads") ?? 0);
  sessionStorage.setItem("reloads", String(tries + 1));
  setTimeout(() => location.reload(), Math.min(60_000, 1000 * 2 ** tries));
}

function aboutMe() {
  return {
    name: manifest?.display.name ?? "",
    playing: document.body.dataset.item,
    playlist: document.body.dataset.playlist,
    cause: texts[`cause_${current?.choice.kind ?? "default"}`],
    link: link.online ? texts.link_on : texts.link_off,
    storage: storage === "WORKER" ? texts.storage_worker : texts.storage_memory,
    waiting: String(proof.waiting),
    version: manifest?.version ?? "",
  };
}

function report() {
  return {
    version: manifest?.version ?? "",
    playlist: (document.body.dataset.playlist ?? "").slice(0, 60),
    title: (document.body.dataset.item ?? "").slice(0, 140),
    media: current?.item?.media ?? "",
    storage,
    clock_offset_ms: Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(link.offset))),
    waiting_plays: Math.max(0, proof.waiting),
  };
}

/** The credential is gone or never was: forget the manifest and show a code. */
async function unpaired() {
  if (document.body.dataset.state === "unpaired") return;
  document.body.dataset.state = "unpaired";
  link.stop();
  await proof.end().catch(() => {});
  await records.drop("manifest").catch(() => {});
  if (preview) return;
  pairing({ urls, texts, secure: storage === "WORKER", onPaired: () => location.reload() });
}

function say(text, ms) {
  const notice = document.getElementById("notice");
  notice.textContent = text;
  notice.hidden = false;
  setTimeout(() => { notice.hidden = true; }, ms);
}

async function play() {
  if (!preview) {
    await proof.start().catch(() => {});
    manifest = (await records.read("manifest").catch(() => null)) ?? null;
  }
  setInterval(tick, TICK_MS);
  tick();
  storage = preview ? "MEMORY" : await startWorker(urls.worker);
  document.body.dataset.storage = storage;
  if (storage === "MEMORY" && !preview) say(texts.storage_warning, 15_000);
  setInterval(() => { if (performance.now() - lastTick > 10_000) reload(); }, 5000);
  panel.start();
  const reached = await link.fetch();
  if (document.body.dataset.state === "unpaired") return;
  if (!reached && !manifest) return void setTimeout(() => location.reload(), 3000);
  link.start({ code: manifest?.display.code ?? preview ?? data.code, report, flush: () => proof.flush() });
  addEventListener("online", () => void link.fetch());
  sessionStorage.removeItem("reloads");
}

// One window per screen: two would write the same proofs. A reload waits for the page before it to be gone.
if (preview || !navigator.locks) void play();
else {
  const patience = setTimeout(() => say(texts.second_window, 3_600_000), 2000);
  void navigator.locks.request("aisle-player", async () => {
    clearTimeout(patience);
    document.getElementById("notice").hidden = true;
    await play();
    await new Promise(() => {});
  });
}
