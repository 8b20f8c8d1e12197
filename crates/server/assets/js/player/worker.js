// @ts-check
// The open attempt without a network: its page, its questions and their files as they were last seen. What the server says comes first;
// what is kept is shown only when it says nothing.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const CACHE = "examhall-attempts";
/** How long the server may take to say something. */
const PATIENCE_MS = 8_000;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (/^\/attempts\/[^/]+(\/questions)?$/.test(url.pathname) && url.pathname !== worker.location.pathname) event.respondWith(ofAttempt(request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

/** A page of the attempt, or its questions: whatever question is asked for, the page is one. @param {Request} request @param {URL} url */
async function ofAttempt(request, url) {
  const key = url.origin + url.pathname;
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // Sent elsewhere (it has ended, or somebody else is here): nothing of it is kept.
    if (response.type === "opaqueredirect" || response.redirected || response.status === 404 || response.status === 409) await cache.delete(key);
    else if (response.ok) await cache.put(key, response.clone());
    else if (response.status >= 500) return (await cache.match(key)) ?? response;
    return response;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw error;
  }
}

/** A file never changes under its name. @param {Request} request */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request.url, response.clone());
  return response;
}
