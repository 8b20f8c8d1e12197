// @ts-check
// The open attempt without a network: its page, its questions and their files as they were last seen. What the server says comes first;
// what is kept is shown only when it says nothing.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const CACHE = "examhall-attempts";
/** For how long a page is kept without being seen: others may use the device too. */
const KEPT_MS = 24 * 3_600_000;
/** How long the server may take to say something before what is kept is shown. */
const PATIENCE_MS = 8_000;
/** The questions, for which a page waits for so long (paper.js, `LOAD_MS`). */
const QUESTIONS_MS = 2_500;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (/^\/attempts\/[^/]+(\/questions)?$/.test(url.pathname) && url.pathname !== worker.location.pathname) event.respondWith(ofAttempt(event, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(event));
});

/** A page of the attempt, or its questions: whatever question is asked for, the page is one. @param {FetchEvent} event @param {URL} url */
async function ofAttempt(event, url) {
  const key = url.origin + url.pathname;
  const cache = await opened();
  const impatience = new AbortController();
  let isAnswered = false;
  const timer = setTimeout(
    async () => {
      // With nothing kept there is nothing better than to wait on.
      if ((await found(cache, key)) && !isAnswered) impatience.abort();
    },
    url.pathname.endsWith("/questions") ? QUESTIONS_MS : PATIENCE_MS,
  );
  try {
    const response = await fetch(event.request, { signal: impatience.signal });
    // From here on something comes, however slowly.
    isAnswered = true;
    clearTimeout(timer);
    if (response.status >= 500) return (await kept(cache, key)) ?? response;
    // Sent elsewhere (it has ended, or somebody else is here): nothing of it is kept.
    const isGone = response.type === "opaqueredirect" || response.redirected || response.status === 404 || response.status === 409;
    if (isGone) inTheBackground(event, cache?.delete(key, { ignoreSearch: true }));
    else if (response.ok && cache) inTheBackground(event, keep(cache, key, response.clone()));
    return response;
  } catch (error) {
    clearTimeout(timer);
    const response = await kept(cache, key);
    if (response) return response;
    throw error;
  }
}

/** The cache; undefined where nothing can be kept, which is no reason to show nothing. */
async function opened() {
  return caches.open(CACHE).catch(() => undefined);
}

/** Nobody waits for what is kept, and nothing depends on it. @param {FetchEvent} event @param {Promise<unknown> | undefined} keeping */
function inTheBackground(event, keeping) {
  if (keeping) event.waitUntil(keeping.catch(() => {}));
}

/**
 * Keeps it beside what was kept before, which goes only when it is there: a cache has nothing under an address while that is written anew.
 * at-hand.js does the same. @param {Cache} cache @param {string} key @param {Response} response
 */
async function keep(cache, key, response) {
  const address = `${key}?kept=${Date.now()}`;
  const before = await cache.keys(key, { ignoreSearch: true });
  await cache.put(address, response);
  for (const { url } of before) if (url !== address) await cache.delete(url);
}

/**
 * What was kept last, and when by this device's clock, unless that is too long ago.
 * @param {Cache | undefined} cache @param {string} key
 */
async function found(cache, key) {
  try {
    // They come in the order in which they were kept.
    const request = (await cache?.keys(key, { ignoreSearch: true }))?.at(-1);
    const response = request && (await cache?.match(request));
    if (!response) return undefined;
    const at = Number(new URL(request.url).searchParams.get("kept"));
    if (at >= Date.now() - KEPT_MS) return { response, at };
    await cache?.delete(key, { ignoreSearch: true });
  } catch {
    // What cannot be read is not kept.
  }
  return undefined;
}

/** What is kept, which says of itself since when: a page cannot know otherwise that it is not the server's. @param {Cache | undefined} cache @param {string} key */
async function kept(cache, key) {
  const last = await found(cache, key);
  if (!last) return undefined;
  const html = await last.response.text();
  const headers = new Headers(last.response.headers);
  // It has been unpacked.
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return new Response(html.replace('id="answer-form"', `id="answer-form" data-kept-at="${last.at}"`), { headers });
}

/** A file never changes under its name. @param {FetchEvent} event */
async function file(event) {
  const { request } = event;
  const cache = await opened();
  const there = await cache?.match(request.url).catch(() => undefined);
  if (there) return there;
  const response = await fetch(request);
  if (response.ok) inTheBackground(event, cache?.put(request.url, response.clone()));
  return response;
}
