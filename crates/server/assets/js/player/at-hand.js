// @ts-check
// Keeps the open attempt at hand without a network: its page and its questions, for the worker beside this file; and lets it go when
// nobody sits it here any more.

/** Where the worker looks for them. */
const CACHE = "examhall-attempts";

/** What the page came under; that of the server is not told to scripts. Files may come from elsewhere, as this one does. */
function policy() {
  const { origin } = new URL(import.meta.url);
  const files = origin === location.origin ? "'self'" : `'self' ${origin}`;
  return (
    `default-src 'none'; script-src ${files}; style-src ${files}; img-src ${files} data:; font-src ${files}; connect-src 'self'; ` +
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  );
}

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

/** Keeps what a worker did not see, as the worker does (its `keep` says why). @param {string} path @param {string} html */
export async function keep(path, html) {
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy() };
  const cache = await globalThis.caches?.open(CACHE);
  if (!cache) return;
  const key = new URL(path, location.origin).href;
  const address = `${key}?kept=${Date.now()}`;
  const before = await cache.keys(key, { ignoreSearch: true });
  await cache.put(address, new Response(html, { headers }));
  for (const { url } of before) if (url !== address) await cache.delete(url);
}

/** Nobody who comes after is to find a paper here: that of an attempt, or any. @param {string} [attempt] */
export async function letGo(attempt) {
  try {
    const cache = attempt && (await globalThis.caches?.open(CACHE));
    if (cache) {
      for (const part of ["", "/questions"]) {
        await cache.delete(new URL(`/attempts/${attempt}${part}`, location.origin), { ignoreSearch: true });
      }
      // Another attempt still needs the files that are kept beside it.
      const addresses = (await cache.keys()).map((request) => new URL(request.url).pathname);
      if (addresses.some((address) => address.startsWith("/attempts/"))) return;
    }
    await globalThis.caches?.delete(CACHE);
  } catch {
    // What cannot be opened holds nothing.
  }
}
