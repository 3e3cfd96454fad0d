// Keeps the player's page, scripts and content on the screen, so that it starts and plays without the server.
// Another version of the files is another worker: it fills a cache of its own and takes over.
const SHELL = "aisle-shell-{{ version }}";
const MEDIA = "aisle-media";
const FILES = {{ files|safe }};
const PAGE = FILES[0];

self.addEventListener("install", (event) => {
  const fresh = FILES.map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forget().then(() => self.clients.claim()));
});

async function forget() {
  for (const name of await caches.keys()) if (name.startsWith("aisle-shell-") && name !== SHELL) await caches.delete(name);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  event.respondWith(answer(event.request, url));
});

async function answer(request, url) {
  const page = request.mode === "navigate" && url.pathname === new URL(PAGE, location.href).pathname && !url.search;
  const shell = await caches.open(SHELL);
  const media = await caches.open(MEDIA);
  const kept = (await shell.match(page ? PAGE : request)) ?? (await media.match(request));
  return kept ?? fetch(request);
}
