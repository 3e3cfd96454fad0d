// Content kept on the screen: verified by its SHA-256 and held in the Cache API, or in memory where that is missing.

const CACHE = "aisle-media";
const WORKER_PATIENCE_MS = 10_000;
const UPDATE_EVERY_MS = 600_000;
const held = new Map();

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A new worker means new files: load them when it has taken over. */
function followUpdates(registration) {
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });
  setInterval(() => void registration.update().catch(() => {}), UPDATE_EVERY_MS);
}

/** Starts the service worker where the browser allows it (https or localhost). WORKER or MEMORY. */
export async function startWorker(url) {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return "MEMORY";
  try {
    const worker = navigator.serviceWorker;
    const known = await worker.getRegistration();
    if (known?.active && worker.controller) {
      followUpdates(known);
      return "WORKER";
    }
    const begun = worker.register(url, { scope: new URL(".", new URL(url, location.href)).pathname });
    const registration = await Promise.race([begun.then(() => worker.ready), pause(WORKER_PATIENCE_MS)]);
    void navigator.storage?.persist?.().catch(() => false);
    if (!registration?.active) return "MEMORY";
    followUpdates(registration);
    return "WORKER";
  } catch {
    return "MEMORY";
  }
}

async function verified(response, sha256) {
  if (!sha256) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

function wantedFiles(manifest) {
  const files = new Map();
  for (const { items } of Object.values(manifest.playlists))
    for (const item of items) if (item.url) files.set(item.url, item.media);
  for (const card of Object.values(manifest.cards)) if (card.picture) files.set(card.picture, null);
  return files;
}

/** Fetches and verifies what a manifest needs, and lets go of what it does not. Never throws. */
export async function keepMedia(manifest, { worker }) {
  const files = wantedFiles(manifest);
  const jobs = [...files].map(([url, sha256]) => (worker ? keepInCache(url, sha256) : keepInMemory(url)).catch(() => {}));
  await Promise.race([Promise.all(jobs), pause(4000)]);
  for (const url of held.keys()) if (!files.has(url)) held.delete(url);
  if (worker) await letGo(files).catch(() => {});
}

async function keepInCache(url, sha256) {
  const cache = await caches.open(CACHE);
  if (await cache.match(url)) return;
  const response = await fetch(url, { credentials: "same-origin" });
  if (response.ok && (await verified(response, sha256))) await cache.put(url, response);
}

async function keepInMemory(url) {
  if (held.has(url)) return;
  const image = new Image();
  image.src = url;
  await image.decode();
  held.set(url, image);
}

async function letGo(files) {
  const cache = await caches.open(CACHE);
  const wanted = new Set([...files.keys()].map((url) => new URL(url, location.href).href));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
}
