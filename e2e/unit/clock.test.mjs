// The clock of an attempt, with time that passes only when somebody waits for it.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { runClock } from "../../crates/server/assets/js/clock.js";

const NAMES = ["document", "location", "fetch", "setTimeout", "setInterval", "sessionStorage"];
const original = Object.fromEntries(NAMES.map((name) => [name, globalThis[name]]));
const clocks = { date: Date.now, performance: performance.now };

/** The server's time when a page was made, and half an hour of an exam. */
const MADE = Date.parse("2026-03-02T10:00:00.000Z");
const HALF_AN_HOUR_MS = 1_800_000;

/** By the device: its two clocks, which a test sets apart. */
let time = { monotonic: 0, wall: 0 };
/** What is called again and again. @type {(() => void)[]} */
let ticks = [];
/** Where the page went. @type {string[]} */
let went = [];

beforeEach(() => {
  time = { monotonic: 0, wall: MADE };
  ticks = [];
  went = [];
  Date.now = () => time.wall;
  performance.now = () => time.monotonic;
  globalThis.setTimeout = (then, milliseconds = 0) => {
    pass(milliseconds);
    setImmediate(then);
  };
  globalThis.setInterval = (then) => ticks.push(then);
  globalThis.location = { assign: (address) => went.push(address) };
  globalThis.sessionStorage = undefined;
});
afterEach(() => {
  Object.assign(globalThis, original);
  Date.now = clocks.date;
  performance.now = clocks.performance;
});

function pass(milliseconds) {
  time.monotonic += milliseconds;
  time.wall += milliseconds;
}

/** Lets everything go on that waits for nothing but its turn. */
async function settle() {
  for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What the page looks like to its clock. */
function element(data = {}) {
  const attributes = {};
  const at = {
    dataset: data,
    textContent: "",
    hidden: false,
    classList: { toggle: () => {} },
    addEventListener: () => {},
    getAttribute: (name) => attributes[name] ?? name,
    querySelector: () => at.value,
    value: undefined,
  };
  return at;
}

/** A page with a clock; its server has come so far, and the attempt has so long. */
function page({ serverTime = MADE, deadline = MADE + HALF_AN_HOUR_MS, how = {} } = {}) {
  const text = (moment) => new Date(moment).toISOString();
  const clock = element({ attempt: "a", serverTime: text(serverTime), deadline: text(deadline) });
  clock.value = element();
  const found = { clock, "clock-toggle": element(), "clock-announcement": element() };
  globalThis.document = { hidden: false, getElementById: (id) => found[id], addEventListener: () => {} };
  let ends = 0;
  let resumed = 0;
  const told = runClock(
    async () => {
      ends += 1;
      return { isLate: false, isWaiting: false };
    },
    {
      goesOn: () => {
        resumed += 1;
      },
      ...how,
    },
  );
  return {
    shows: () => clock.value.textContent,
    says: () => found["clock-announcement"].textContent,
    ends: () => ends,
    resumed: () => resumed,
    told,
    tick: () => ticks.forEach((tick) => tick()),
  };
}

/** A server whose clock runs; what it was asked, in order. `isAway`: for so many requests it cannot be reached. */
function server({ ahead = 0, deadline = MADE + HALF_AN_HOUR_MS, state = "open", away = 0 } = {}) {
  const began = { wall: time.wall };
  const there = { asked: [], away, lag: 0 };
  globalThis.fetch = async (address, { method = "GET" } = {}) => {
    if (there.away > 0) {
      there.away -= 1;
      there.asked.push("away");
      throw new TypeError("no network");
    }
    there.asked.push(`${method} ${address}`);
    if (method === "POST") return new Response("{}");
    const now = MADE + ahead + there.lag + (time.wall - began.wall);
    return new Response(JSON.stringify({ state, server_time: new Date(now).toISOString(), deadline: new Date(deadline).toISOString() }));
  };
  return there;
}

test("a page that guesses the time by the device's clock does not hand in before the server's clock has come to the deadline", async () => {
  // Somebody has set the device's clock ahead by an hour since the page was kept.
  const there = server({ ahead: 300_000, away: 2 });
  const shown = page({ serverTime: MADE + 2 * HALF_AN_HOUR_MS, how: { isGuess: true } });
  assert.equal(shown.shows(), "00:00");
  await settle();
  assert.deepEqual(there.asked, ["away", "away", "GET /api/v1/attempts/a?questions=none"]);
  assert.deepEqual([went, shown.resumed()], [[], 1]);
  assert.match(shown.shows(), /^(25:00|24:[45]\d)$/);
  assert.equal(shown.says(), "", "it is no longer said that time is up");
});

test("a page that guesses the time hands in when the server says that it is over", async () => {
  const there = server({ ahead: 2 * HALF_AN_HOUR_MS });
  const shown = page({ serverTime: MADE + 2 * HALF_AN_HOUR_MS, how: { isGuess: true } });
  await settle();
  assert.deepEqual(there.asked, ["GET /api/v1/attempts/a?questions=none", "POST /api/v1/attempts/a/submit"]);
  assert.deepEqual(went, ["/attempts/a/result"]);
  assert.equal(shown.resumed(), 0);
});

test("a page that guesses the time goes to the result of an attempt that has ended elsewhere", async () => {
  server({ state: "submitted" });
  page({ serverTime: MADE + 2 * HALF_AN_HOUR_MS, how: { isGuess: true } });
  await settle();
  assert.deepEqual(went, ["/attempts/a/result"]);
});

test("a page that knows the server's time asks for nothing at the bell, and hands in after the deadline", async () => {
  const there = server();
  const shown = page();
  assert.equal(shown.shows(), "30:00");
  pass(HALF_AN_HOUR_MS);
  shown.tick();
  assert.equal(shown.shows(), "00:00");
  await settle();
  assert.deepEqual(there.asked, ["POST /api/v1/attempts/a/submit"]);
  assert.ok(time.monotonic > HALF_AN_HOUR_MS);
});

test("a save that brings the server's time at the last moment keeps the page from handing in", async () => {
  const there = server();
  const shown = page({ how: { isGuess: true }, serverTime: MADE + 2 * HALF_AN_HOUR_MS });
  shown.told(new Date(MADE).toISOString(), null, 0, 0);
  await settle();
  assert.deepEqual(there.asked, []);
  assert.deepEqual([went, shown.resumed()], [[], 1]);
});

test("after a sleep the server is asked for the time until it answers, and for the deadline", async () => {
  const there = server({ deadline: MADE + 2 * HALF_AN_HOUR_MS, away: 1 });
  const shown = page();
  // The monotonic clock stood still for twenty minutes; the network is not up yet.
  time.wall += 1_200_000;
  shown.tick();
  await settle();
  assert.deepEqual(there.asked, ["away"]);
  assert.equal(shown.shows(), "30:00");
  shown.tick();
  await settle();
  assert.deepEqual(there.asked, ["away"], "not at once again");
  pass(4_000);
  shown.tick();
  await settle();
  assert.deepEqual(there.asked, ["away", "GET /api/v1/attempts/a?questions=none"]);
  shown.tick();
  assert.equal(shown.shows(), "39:56");
  pass(4_000);
  shown.tick();
  await settle();
  assert.equal(there.asked.length, 2, "once it knows, it asks no more");
});
