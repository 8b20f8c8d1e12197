// @ts-check
// Keeps the open attempt at hand without a network: its page and its questions, for the worker beside this file; and lets it go when
// nobody sits it here any more.

/** Where the worker looks for them. */
const CACHE = "examhall-attempts";
/** What the page came under; that of the server is not told to scripts. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

/**
 * Keeps the page for when it is asked for without a network. Workers and caches are for secure origins; without them, a page that is
 * loaded again needs the network.
 * @param {string} attempt @param {string} page as it was served
 */
export async function keepAtHand(attempt, page) {
  try {
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register("/attempts/worker.js");
    // The worker sees pages from the next one on.
    if (!navigator.serviceWorker.controller) await keep(`/attempts/${attempt}`, page);
  } catch {
    // Forbidden or failed: the page works as before.
  }
}

/** Keeps what a worker did not see. @param {string} path @param {string} html */
export async function keep(path, html) {
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY };
  const cache = await globalThis.caches?.open(CACHE);
  await cache?.put(new URL(path, location.origin), new Response(html, { headers }));
}

/** Nobody who comes after is to find a paper here. */
export async function letGo() {
  try {
    await globalThis.caches?.delete(CACHE);
  } catch {
    // What cannot be opened holds nothing.
  }
}

/** When the server made the newest page of an attempt that was seen here, and when that was by this device's clock. */
const key = (/** @type {string} */ attempt) => `examhall.seen.${attempt}`;

/**
 * Whether a page came from this device instead of the server; then, what the server's clock shows now as far as the device's own can
 * tell, since the page only knows what it showed then.
 * @param {string} attempt @param {number} madeAt by the server's clock, in milliseconds
 * @returns {{ isOld: boolean, now: number }}
 */
export function ageOf(attempt, madeAt) {
  try {
    const [seen, at] = (localStorage.getItem(key(attempt)) ?? "").split(":").map(Number);
    if (seen && at && madeAt <= seen) return { isOld: true, now: Math.max(madeAt, seen + Date.now() - at) };
    localStorage.setItem(key(attempt), `${madeAt}:${Date.now()}`);
  } catch {
    // Nothing can be known, and nothing be kept either.
  }
  return { isOld: false, now: madeAt };
}

/** @param {string} attempt */
export function forgetAge(attempt) {
  try {
    localStorage.removeItem(key(attempt));
  } catch {
    // Nothing is there.
  }
}
