// What is kept of attempts for when there is no network, with caches that are made up.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, test } from "node:test";
import { madeUpCache } from "../lib/made-up-cache.mjs";

const ORIGIN = "https://exam.example";
const SOURCE = await readFile(new URL("../../crates/server/assets/js/player/at-hand.js", import.meta.url), "utf8");

/** It knows by where it was loaded from where files come from. @returns {Promise<typeof import("../../crates/server/assets/js/player/at-hand.js")>} */
function loadedFrom(origin) {
  const source = SOURCE.replaceAll("import.meta.url", JSON.stringify(`${origin}/static/1/js/player/at-hand.js`));
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
}
const { keep, letGo } = await loadedFrom(ORIGIN);

const NAMES = ["caches", "location"];
const original = Object.fromEntries(NAMES.map((name) => [name, globalThis[name]]));
afterEach(() => Object.assign(globalThis, original));

/** The one cache, by address; null when there is none. @type {Map<string, Response> | null} */
let kept = null;

beforeEach(() => {
  kept = null;
  const cache = madeUpCache(() => kept ?? new Map());
  globalThis.caches = {
    open: async () => {
      kept ??= new Map();
      return cache;
    },
    delete: async () => {
      kept = null;
    },
  };
});

/** A page of this site, on a device that has kept some things. */
function at(pathname, paths) {
  globalThis.location = { pathname, origin: ORIGIN, href: ORIGIN + pathname };
  kept = new Map(paths.map((path) => [ORIGIN + path, new Response("kept")]));
}

const has = () => [...(kept ?? new Map()).keys()].map((address) => address.slice(ORIGIN.length));

test("a page takes the place of what was kept of it before, by the worker or by another version", async () => {
  at("/attempts/a", ["/attempts/a", "/attempts/a?kept=1", "/attempts/a/questions?kept=1"]);
  await keep("/attempts/a", "<!doctype html>");
  const [questions, page, ...more] = has();
  assert.equal(questions, "/attempts/a/questions?kept=1");
  assert.match(page, /^\/attempts\/a\?kept=\d{13}$/);
  assert.deepEqual(more, []);
});

test("the result of one attempt leaves another one at hand", async () => {
  at("/attempts/a/result", ["/attempts/a?kept=1", "/attempts/a/questions?kept=1", "/attempts/b?kept=1", "/attempts/b/questions?kept=1", "/static/1/take.js"]);
  await letGo("a");
  assert.deepEqual(has(), ["/attempts/b?kept=1", "/attempts/b/questions?kept=1", "/static/1/take.js"]);
});

test("with the last attempt, its files go as well", async () => {
  at("/attempts/a/result", ["/attempts/a", "/attempts/a/questions", "/static/1/take.js"]);
  await letGo("a");
  assert.equal(kept, null);
});

test("where somebody signs in, no paper stays", async () => {
  at("/sign-in", ["/attempts/a", "/attempts/b/questions", "/static/1/take.js"]);
  await letGo();
  assert.equal(kept, null);
});

/** The policy of a page that was kept, by directive. */
async function keptPolicy(keep) {
  at("/attempts/a", []);
  await keep("/attempts/a", "<!doctype html>");
  const policy = [...(kept?.values() ?? [])].at(-1)?.headers.get("content-security-policy") ?? "";
  return Object.fromEntries(policy.split("; ").map((directive) => directive.split(/ (.*)/s)));
}

test("a kept page has the policy of its server, also where files come from elsewhere", async () => {
  const own = await keptPolicy(keep);
  assert.deepEqual([own["default-src"], own["script-src"], own["img-src"]], ["'none'", "'self'", "'self' data:"]);
  const { keep: keepBeside } = await loadedFrom("https://files.example");
  const beside = await keptPolicy(keepBeside);
  for (const directive of ["script-src", "style-src", "font-src"]) assert.equal(beside[directive], "'self' https://files.example", directive);
  assert.deepEqual([beside["connect-src"], beside["form-action"]], ["'self'", "'self'"]);
});
