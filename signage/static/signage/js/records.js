// What the player keeps over a restart: the manifest and the proofs of play, in IndexedDB.

let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("aisle-player", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("values");
      request.result.createObjectStore("plays", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run(store, mode, act) {
  const transaction = (await database()).transaction(store, mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const read = (key) => run("values", "readonly", (store) => store.get(key));
export const keep = (key, value) => run("values", "readwrite", (store) => store.put(value, key));
export const drop = (key) => run("values", "readwrite", (store) => store.delete(key));
export const putPlay = (play) => run("plays", "readwrite", (store) => store.put(play));
export const allPlays = () => run("plays", "readonly", (store) => store.getAll());
export const dropPlays = (ids) =>
  run("plays", "readwrite", (store) => {
    for (const id of ids) store.delete(id);
    return null;
  });

/** UUID version 7: the first 48 bits are the time, the rest is random. */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = now;
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
