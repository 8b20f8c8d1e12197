// @ts-check
// The open attempt without a network: its page, its questions and their files as they were last seen. What the server says comes first;
// what is kept is shown only when it says nothing.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const CACHE = "examhall-attempts";
/** The header under which the time is kept; at-hand.js writes it too. */
const KEPT_AT = "x-kept-at";
/** How long the server may take to say something. */
const PATIENCE_MS = 8_000;
/** And how long a file may take. */
const FILE_MS = 30_000;

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
    else if (response.ok) await cache.put(key, dated(response.clone()));
    else if (response.status >= 500) return (await kept(cache, key)) ?? response;
    return response;
  } catch (error) {
    const response = await kept(cache, key);
    if (response) return response;
    throw error;
  }
}

/** With the time by this device's clock. @param {Response} response */
function dated(response) {
  const headers = new Headers(response.headers);
  headers.set(KEPT_AT, String(Date.now()));
  return new Response(response.body, { headers });
}

/** What is kept, which says of itself since when: a page cannot know otherwise that it is not the server's. @param {Cache} cache @param {string} key */
async function kept(cache, key) {
  const response = await cache.match(key);
  if (!response) return undefined;
  const html = await response.text();
  const mark = `id="answer-form" data-kept-at="${Number(response.headers.get(KEPT_AT))}"`;
  return new Response(html.replace('id="answer-form"', mark), { headers: response.headers });
}

/** A file never changes under its name. @param {Request} request */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = await fetch(request, { signal: AbortSignal.timeout(FILE_MS) });
  if (response.ok) await cache.put(request.url, response.clone());
  return response;
}
