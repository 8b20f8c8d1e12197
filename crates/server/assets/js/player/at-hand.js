// @ts-check
// Keeps the open attempt at hand without a network, by the worker beside this file; and lets it go when nobody sits it here any more.

/** Where the worker keeps pages. */
const CACHE = "examhall-attempts";

/** Workers and caches are for secure origins; without them, a page that is reloaded needs the network. */
export async function keepAtHand() {
  try {
    await navigator.serviceWorker?.register("/attempts/worker.js");
  } catch {
    // Forbidden or failed: the page works as before.
  }
}

/** Nobody who comes after is to find a paper here. */
export async function letGo() {
  try {
    await globalThis.caches?.delete(CACHE);
  } catch {
    // What cannot be opened holds nothing.
  }
}
