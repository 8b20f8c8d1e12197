// The worker that keeps an open attempt at hand, with a network and caches that are made up. It is no module: it runs as browsers run it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { madeUpCache } from "../lib/made-up-cache.mjs";

const SOURCE = await readFile(new URL("../../crates/server/assets/js/player/worker.js", import.meta.url), "utf8");
const ORIGIN = "https://exam.example";
const PAGE = '<form id="answer-form">';

/** Caches of which anything may fail. @param {{ opens?: boolean, takes?: boolean }} parts */
function caches({ opens = true, takes = true } = {}) {
  /** @type {Map<string, Response>} */
  const kept = new Map();
  const failed = async () => {
    throw new Error("QuotaExceededError");
  };
  const cache = { ...madeUpCache(() => kept), ...(!takes && { put: failed }) };
  return { kept, open: opens ? async () => cache : failed };
}

/**
 * A worker; `asks` asks it for an address, and tells what is under way behind the answer. Its time passes when `wait` is called.
 * @param {(address: string, options: { signal?: AbortSignal }) => Promise<Response>} network
 */
function worker(network, store = caches()) {
  const listeners = {};
  /** @type {{ at: number, then: () => void }[]} */
  let alarms = [];
  let now = 0;
  const self = { addEventListener: (name, listener) => (listeners[name] = listener), location: { origin: ORIGIN, pathname: "/attempts/worker.js" } };
  const alarm = (then, milliseconds) => {
    const set = { at: now + milliseconds, then };
    alarms.push(set);
    return set;
  };
  const context = {
    self,
    caches: store,
    fetch: (request, options = {}) => network(request.url, options),
    setTimeout: alarm,
    clearTimeout: (set) => (alarms = alarms.filter((other) => other !== set)),
    // As a browser has it, by the time of this test.
    AbortSignal: {
      timeout: (milliseconds) => {
        const controller = new AbortController();
        alarm(() => controller.abort(), milliseconds);
        return controller.signal;
      },
    },
    ...{ URL, Response, Headers, Date, Number, String, AbortController },
  };
  runInNewContext(SOURCE, context);
  return {
    ...store,
    asks: (path) => {
      /** @type {Promise<unknown>[]} */
      const behind = [];
      let answer = Promise.reject(new Error("it left it to the browser"));
      answer.catch(() => {});
      const respondWith = (given) => (answer = Promise.resolve(given));
      listeners.fetch({ request: { method: "GET", url: ORIGIN + path }, respondWith, waitUntil: (promise) => behind.push(promise) });
      return { answer, behind };
    },
    wait: async (milliseconds) => {
      // What was asked is under way by now.
      await new Promise((resolve) => setImmediate(resolve));
      now += milliseconds;
      const due = alarms.filter(({ at }) => at <= now);
      alarms = alarms.filter(({ at }) => at > now);
      for (const { then } of due) then();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const html = (text) => new Response(text, { headers: { "content-type": "text/html" } });
/** Where a page was kept some time ago. */
const kept = (path, milliseconds = 0) => `${ORIGIN}${path}?kept=${Date.now() - milliseconds}`;
/** What is kept of a path, its times left out. */
const keptOf = (store, path) => [...store.kept.keys()].filter((address) => address.startsWith(`${ORIGIN}${path}?`));
const settled = async (promise) => {
  let state = "waits";
  promise.then(
    () => (state = "answered"),
    () => (state = "failed"),
  );
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  return state;
};
/** A line that swallows everything, until whoever asked gives up. */
const swallowed = (signal) =>
  new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(new Error("given up")));
  });

test("a page that cannot be kept comes from the server all the same, and no older one", async () => {
  const store = caches({ takes: false });
  store.kept.set(kept("/attempts/a"), html("an older one"));
  const { asks } = worker(async () => html(PAGE), store);
  const { answer, behind } = asks("/attempts/a?question=2");
  assert.equal(await (await answer).text(), PAGE);
  await Promise.all(behind);
});

test("where no cache opens, pages and files come from the server", async () => {
  const { asks } = worker(async () => html("there"), caches({ opens: false }));
  for (const path of ["/attempts/a", "/attempts/a/questions", "/static/1/js/take.js"]) {
    assert.equal(await (await asks(path).answer).text(), "there", path);
  }
});

test("a file that cannot be kept comes all the same", async () => {
  const { asks } = worker(async () => html("there"), caches({ takes: false }));
  const { answer, behind } = asks("/static/1/js/take.js");
  assert.equal(await (await answer).text(), "there");
  await Promise.all(behind);
});

test("what is kept has been unpacked, and does not say otherwise when it is shown", async () => {
  const store = caches();
  const headers = { "content-type": "text/html", "content-encoding": "gzip", "content-length": "12" };
  store.kept.set(kept("/attempts/a"), new Response(PAGE, { headers }));
  const { asks } = worker(() => Promise.reject(new TypeError("no network")), store);
  const shown = await asks("/attempts/a").answer;
  assert.match(await shown.text(), /data-kept-at/);
  assert.deepEqual([...shown.headers.keys()], ["content-type"]);
});

test("a page is there before the last of it is kept, and a slow one is not given up once it has begun", async () => {
  let send = (_) => {};
  const slow = new ReadableStream({
    start: (controller) => {
      send = (text, isLast = false) => {
        controller.enqueue(new TextEncoder().encode(text));
        if (isLast) controller.close();
      };
    },
  });
  let isGivenUp = false;
  const network = async (_, { signal }) => {
    signal?.addEventListener("abort", () => (isGivenUp = true));
    return new Response(slow);
  };
  const { asks, wait, ...store } = worker(network);
  const { answer, behind } = asks("/attempts/a");
  send(PAGE);
  assert.equal(await settled(answer), "answered");
  await wait(60_000);
  assert.equal(isGivenUp, false);
  send("the rest", true);
  assert.equal(await (await answer).text(), `${PAGE}the rest`);
  await Promise.all(behind);
  assert.equal(keptOf(store, "/attempts/a").length, 1);
});

test("over a line that swallows everything, what is kept comes: the questions before their page gives them up", async () => {
  const store = caches();
  for (const path of ["/attempts/a", "/attempts/a/questions"]) store.kept.set(kept(path), html(PAGE));
  const { asks, wait } = worker((_, { signal }) => swallowed(signal), store);
  const [page, questions] = [asks("/attempts/a").answer, asks("/attempts/a/questions").answer];
  // paper.js waits for four seconds.
  await wait(3_500);
  assert.deepEqual([await settled(page), await settled(questions)], ["waits", "answered"]);
  await wait(5_000);
  assert.match(await (await page).text(), /data-kept-at/);
});

test("with nothing kept, it waits for as long as the browser does", async () => {
  const { asks, wait } = worker((_, { signal }) => swallowed(signal));
  const { answer } = asks("/attempts/a");
  await wait(60_000);
  assert.equal(await settled(answer), "waits");
});

test("an answer that says that the attempt is gone leaves nothing of it", async () => {
  const store = caches();
  store.kept.set(kept("/attempts/a"), html(PAGE));
  const { asks } = worker(async () => new Response("", { status: 404 }), store);
  const { answer, behind } = asks("/attempts/a");
  assert.equal((await answer).status, 404);
  await Promise.all(behind);
  assert.equal(store.kept.size, 0);
});

test("what was kept before stays until what comes after it is there, and goes then", async () => {
  const store = caches();
  store.kept.set(kept("/attempts/a/questions", 60_000), html("before"));
  let send = () => {};
  const slow = new ReadableStream({
    start: (controller) => {
      send = () => {
        controller.enqueue(new TextEncoder().encode("after"));
        controller.close();
      };
    },
  });
  let isAway = false;
  const network = async () => {
    if (isAway) throw new TypeError("Failed to fetch");
    return new Response(slow);
  };
  const { asks } = worker(network, store);
  const { answer, behind } = asks("/attempts/a/questions");
  assert.equal(await settled(answer), "answered");
  isAway = true;
  const offline = async () => (await asks("/attempts/a/questions").answer).text();
  assert.equal(await offline(), "before");
  send();
  await Promise.all(behind);
  assert.equal(await offline(), "after");
  assert.equal(keptOf(store, "/attempts/a/questions").length, 1);
});

test("what was kept last comes, though the clock was set back since", async () => {
  const store = caches();
  store.kept.set(kept("/attempts/a", -3_600_000), html("before"));
  store.kept.set(kept("/attempts/a"), html("after"));
  const { asks } = worker(async () => new Response("", { status: 503 }), store);
  assert.equal(await (await asks("/attempts/a").answer).text(), "after");
});

test("what nobody has seen for a day is let go", async () => {
  const store = caches();
  store.kept.set(kept("/attempts/a", 25 * 3_600_000), html(PAGE));
  const { asks } = worker(async () => new Response("", { status: 503 }), store);
  assert.equal((await asks("/attempts/a").answer).status, 503);
  assert.equal(store.kept.size, 0);
});
