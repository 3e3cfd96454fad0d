/** Short tones made in the browser, and vibration where the device has it. Quiet until the first touch or key, as browsers demand. */

const MUTE_KEY = "aisle.sound";

/** @type {AudioContext | null} */
let context = null;

/** @returns {boolean} */
export function muted() {
  return localStorage.getItem(MUTE_KEY) === "off";
}

/** @param {boolean} off */
export function mute(off) {
  localStorage.setItem(MUTE_KEY, off ? "off" : "on");
}

/** @returns {AudioContext | null} */
function audio() {
  if (muted() || !("AudioContext" in window)) return null;
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  return context;
}

/**
 * @param {number} hertz
 * @param {number} seconds
 * @param {{after?: number, shape?: OscillatorType, loud?: number}} [options]
 */
function tone(hertz, seconds, { after = 0, shape = "sine", loud = 0.16 } = {}) {
  const ctx = audio();
  if (!ctx) return;
  const begin = ctx.currentTime + after;
  const gain = ctx.createGain();
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(loud, begin + 0.006);
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + seconds);
  const source = ctx.createOscillator();
  source.type = shape;
  source.frequency.value = hertz;
  source.connect(gain).connect(ctx.destination);
  source.start(begin);
  source.stop(begin + seconds);
}

/** @param {number | number[]} pattern milliseconds */
function vibrate(pattern) {
  if (!muted() && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

/** Right: one high, short. */
export function ok() {
  tone(1760, 0.09);
  vibrate(40);
}

/** Look here: two of the same. */
export function notice() {
  tone(988, 0.12);
  tone(988, 0.12, { after: 0.16 });
  vibrate([60, 60, 60]);
}

/** Wrong: low, rough and long, not to be mistaken for the other with eyes on the belt. */
export function error() {
  tone(220, 0.22, { shape: "square", loud: 0.1 });
  tone(165, 0.34, { after: 0.2, shape: "square", loud: 0.1 });
  vibrate([250, 80, 250]);
}
