// The player's line to the store: nudges over a WebSocket, a poll with an entity tag behind it, and the reports back.

const POLL_MS = 10_000;
const HEARTBEAT_MS = 10_000;
const TIMEOUT_MS = 5_000;
const LONGEST_RETRY_MS = 15_000;

export class Link {
  constructor({ urls, preview, onManifest, onAlive, onUnpaired }) {
    Object.assign(this, { urls, preview, onManifest, onAlive, onUnpaired });
    this.version = null;
    this.online = false;
    this.failures = 0;
    this.offset = 0;
  }

  async call(url, { method = "GET", body, headers = {} } = {}) {
    const own = this.preview ? {} : { "X-Aisle-Player": "1" };
    const response = await fetch(url, { method, cache: "no-store", credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...own, ...headers, ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined });
    this.online = response.status < 500;
    return response;
  }

  /** Asks for the manifest; tells whether this browser is a screen. False when the server is away. */
  async fetch() {
    const again = this.fetching;
    this.fetching = true;
    if (again) {
      this.wanted = true;
      return true;
    }
    try {
      return await this.ask();
    } finally {
      this.fetching = false;
      if (this.wanted) {
        this.wanted = false;
        void this.fetch();
      }
    }
  }

  async ask() {
    const url = this.preview ? `${this.urls.manifest}?display=${encodeURIComponent(this.preview)}` : this.urls.manifest;
    try {
      const headers = this.version ? { "If-None-Match": `"${this.version}"` } : {};
      const response = await this.call(url, { headers });
      if (response.status === 401 || response.status === 403) {
        this.onUnpaired();
        return true;
      }
      if (response.status === 304) {
        this.onAlive();
        return true;
      }
      if (!response.ok) return false;
      const manifest = await response.json();
      this.version = manifest.version;
      this.onAlive();
      await this.onManifest(manifest);
      return true;
    } catch {
      this.online = false;
      return false;
    }
  }

  /** Opens the socket and the poll; `report` gives the heartbeat's content. */
  start({ code, report, flush }) {
    this.code = code;
    this.connect();
    this.timers = [setInterval(() => this.fetch(), POLL_MS)];
    if (!this.preview) {
      const beat = () => this.heartbeat(report()).then(flush).catch(() => {});
      this.timers.push(setInterval(beat, HEARTBEAT_MS));
      setTimeout(beat, 1500);
    }
    this.beat = () => !this.preview && this.heartbeat(report()).then(flush).catch(() => {});
  }

  stop() {
    for (const timer of this.timers ?? []) clearInterval(timer);
    clearTimeout(this.retry);
    const old = this.socket;
    this.socket = null;
    old?.close();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const topics = encodeURIComponent(`display:${this.code},holds`);
    const socket = new WebSocket(`${scheme}//${location.host}/ws/live?topics=${topics}`);
    this.socket = socket;
    // Nudges may have been missed while the socket was away, so every opening fetches.
    socket.onopen = () => {
      this.failures = 0;
      void this.fetch();
    };
    socket.onmessage = () => void this.fetch();
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.failures += 1;
      const pause = Math.min(LONGEST_RETRY_MS, 300 * 2 ** this.failures) * (0.5 + Math.random() / 2);
      this.retry = setTimeout(() => this.connect(), pause);
      void this.fetch();
    };
  }

  async heartbeat(body) {
    const before = Date.now();
    const response = await this.call(this.urls.heartbeat, { method: "POST", body });
    if (response.status === 401) return this.onUnpaired();
    if (!response.ok) return undefined;
    const after = Date.now();
    const offset = Date.parse((await response.json()).now) - (before + after) / 2;
    // A small difference is the network's, not the clock's.
    if (Math.abs(offset - this.offset) > 250) this.offset = Math.round(offset);
    return undefined;
  }

  /** Sends a batch of plays; null when the server did not take it. */
  async sendPlays(plays) {
    try {
      const response = await this.call(this.urls.plays, { method: "POST", body: { plays } });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
