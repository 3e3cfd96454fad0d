// An unpaired screen: shows a code, waits for somebody to type it, asks for a new one when it grows old.

const ASK_MS = 1500;
const RETRY_MS = 3000;

async function post(url, body) {
  const response = await fetch(url, { method: "POST", cache: "no-store", credentials: "same-origin",
    headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}), signal: AbortSignal.timeout(5000) });
  return { status: response.status, body: await response.json().catch(() => ({})) };
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Shows codes until one was accepted, then calls `onPaired`. */
export async function pairing({ urls, texts, secure, onPaired }) {
  const code = document.getElementById("code");
  const note = document.getElementById("pairing-note");
  document.getElementById("pairing").hidden = false;
  for (;;) {
    const offer = await post(urls.pairings).catch(() => null);
    if (offer?.status !== 201) {
      code.textContent = "······";
      note.textContent = offer?.body?.message ?? texts.server_away;
      await pause(RETRY_MS);
      continue;
    }
    code.textContent = offer.body.code;
    note.textContent = secure ? texts.waiting : `${texts.waiting} ${texts.storage_warning}`;
    if (await accepted(offer.body, urls, note, texts)) return onPaired();
  }
}

/** True once the code was typed; false when it expired. */
async function accepted({ secret }, urls, note, texts) {
  for (;;) {
    await pause(ASK_MS);
    const answer = await post(urls.collect, { secret }).catch(() => null);
    if (answer === null || answer.status >= 500) note.textContent = texts.server_away;
    else if (answer.status === 200 && answer.body.paired) return true;
    else if (answer.status !== 200) return false;
  }
}
