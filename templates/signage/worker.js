// Keeps the player's page, scripts and content on the screen, so that it starts and plays without the server.
const SHELL = "aisle-shell";
const MEDIA = "aisle-media";
const FILES = {{ files|safe }};
const PAGE = FILES[0];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  event.respondWith(answer(event.request));
});

async function answer(request) {
  const media = await caches.open(MEDIA).then((cache) => cache.match(request));
  if (media) return media;
  const shell = await caches.open(SHELL);
  const key = request.mode === "navigate" ? PAGE : request;
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(2500) });
    if (response.status >= 500) throw new Error("the server is away");
    if (response.ok && (await shell.match(key)) && !new URL(request.url).search) await shell.put(key, response.clone());
    return response;
  } catch (error) {
    const kept = await shell.match(key);
    if (kept) return kept;
    throw error;
  }
}
