/**
 * Commands of the basket leave one after the other, in the order they were given, each with an id of its own. A command
 * stays at the head of the queue until the server has answered it, so an answer that was lost is asked for again with
 * the same id and nothing is applied twice or forgotten.
 */
const PAUSES_MS = [300, 700, 1500, 3000];
const TIMEOUT_MS = 10000;

/** A UUID version 7. @returns {string} */
export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @returns {Record<string, string>} */
function headers() {
  return { "Content-Type": "application/json", Accept: "text/html, application/json",
    ...JSON.parse(document.body.getAttribute("hx-headers") || "{}") };
}

/**
 * @typedef {{ok: boolean, status: number, html: string, refusal: {code: string, message: string} | null}} Answer
 * @param {string} url
 * @param {object} [body] posted as JSON; without it the address is fetched
 * @returns {Promise<Answer>} rejects when there is no answer worth the name
 */
export async function ask(url, body) {
  const response = await fetch(url, { method: body ? "POST" : "GET", headers: headers(), cache: "no-store",
    body: body ? JSON.stringify(body) : undefined, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
  const text = await response.text();
  const isJson = (response.headers.get("Content-Type") || "").includes("json");
  return { ok: response.ok, status: response.status, html: isJson ? "" : text, refusal: isJson ? JSON.parse(text) : null };
}

/**
 * Asks until there is an answer; tells `onTrouble` about each failure.
 * @param {string} url
 * @param {object} body
 * @param {(attempt: number) => void} onTrouble
 * @returns {Promise<Answer>}
 */
export async function insist(url, body, onTrouble) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask(url, body);
    } catch {
      onTrouble(attempt);
      await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]));
    }
  }
}

/**
 * @template Job
 * @param {(job: Job) => Promise<void>} work
 * @param {(waiting: number) => void} onLength
 */
export function makeQueue(work, onLength) {
  /** @type {Job[]} */
  const jobs = [];
  let busy = false;
  async function run() {
    if (busy) return;
    busy = true;
    while (jobs.length) {
      await work(jobs[0]);
      jobs.shift();
      onLength(jobs.length);
    }
    busy = false;
  }
  return { push(/** @type {Job} */ job) { jobs.push(job); onLength(jobs.length); void run(); }, length: () => jobs.length };
}
