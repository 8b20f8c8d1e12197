// What keeps answers and brings them to the server, against a server that is made up.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { stateOf } from "../../crates/server/assets/js/player/state.js";
import { sorted } from "../../crates/server/assets/js/player/restore.js";
import { page, server, untilSent, withdraw } from "../lib/made-up.mjs";

afterEach(withdraw);

const number = (text) => ({ number: text });

test("an answer is on the device before it is on the network, and saved after the server has said so", async () => {
  const there = server();
  const { outbox, saved, shelf } = page();
  const steps = [];
  const put = shelf.put.bind(shelf);
  shelf.put = async (kept) => {
    await put(kept);
    steps.push("kept");
  };
  const fetch = globalThis.fetch;
  globalThis.fetch = (...request) => {
    steps.push("sent");
    return fetch(...request);
  };
  outbox.save(3, number("1"), "null", false);
  assert.deepEqual(saved, []);
  await untilSent(outbox);
  assert.deepEqual(steps, ["kept", "sent", "sent", "sent"], "kept, then the pen, a look, then the answer");
  assert.deepEqual(there.answers, { 3: number("1") });
  assert.deepEqual(saved, [3]);
});

test("what waits goes in one request, the newest answer of each question", async () => {
  const there = server();
  const { outbox } = page();
  there.faults.push("away");
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  assert.equal(outbox.hold, "waiting");
  for (const text of ["2", "3"]) outbox.save(2, number(text), "null", false);
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("3") });
});

test("an answer to a question that was checked elsewhere is let go, and the others go on", async () => {
  const there = server();
  const { outbox, saved, shelf } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  const rejected = { acknowledged: [], rejected: [{ seq: 2, code: "checked" }], server_time: new Date(0).toISOString(), deadline: null };
  there.faults.push(new Response(JSON.stringify(rejected)));
  /** @type {object[]} */
  const letGo = [];
  shelf.settled = async (kept) => void letGo.push(kept.response);
  outbox.save(1, number("2"), "null", false);
  await outbox.running;
  assert.deepEqual([...outbox.checked], [1]);
  assert.equal(outbox.end, null);
  assert.deepEqual(letGo, [number("2")], "the device does not send it again with the next page");
  outbox.save(2, number("3"), "null", false);
  await untilSent(outbox);
  assert.deepEqual(saved, [1, 2]);
});

test("no request is longer than what browsers let outlive a page, however much waits", async () => {
  const there = server();
  const { outbox } = page();
  const respond = globalThis.fetch;
  /** @type {number[]} */
  const lengths = [];
  globalThis.fetch = async (address, options) => {
    const length = new TextEncoder().encode(String(options?.body ?? "")).length;
    lengths.push(length);
    if (options?.keepalive && length > 64 * 1024) throw new TypeError("too long to outlive the page");
    return respond(address, options);
  };
  const long = { text: "\u8a66".repeat(4_000) };
  there.faults = ["away"];
  for (let question = 1; question <= 9; question += 1) outbox.save(question, long, "null", false);
  // A single one that is longer than that goes alone, and does not outlive the page.
  const blanks = Object.fromEntries([1, 2, 3, 4, 5, 6].map((blank) => [blank, long.text]));
  outbox.save(10, { blanks }, "null", false);
  await untilSent(outbox);
  assert.equal(Object.keys(there.answers).length, 10);
  assert.deepEqual(there.answers[9], long);
  assert.equal(lengths.filter((length) => length > 64 * 1024).length, 1);
});

test("a signed-out session holds everything back, and nothing is forgotten", async () => {
  const there = server();
  const { outbox, shelf } = page();
  there.faults.push(new Response("{}", { status: 401 }));
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  assert.equal(outbox.hold, "signed-out");
  assert.equal(outbox.unsent.size, 1);
  assert.equal((await shelf.list("1", "a")).length, 1);
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(there.answers, { 1: number("1") });
});

test("an attempt that the server does not know is somebody else's, or is known no longer to whose it is", async () => {
  const there = server();
  const { outbox } = page();
  const unknown = () => new Response("{}", { status: 404 });
  there.account = "2";
  there.faults.push(unknown());
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  assert.deepEqual([outbox.hold, outbox.isSignedOut, outbox.isGone], ["signed-out", true, false]);
  there.account = "1";
  there.faults.push(unknown());
  await outbox.flush();
  assert.deepEqual([outbox.hold, outbox.isSignedOut, outbox.isGone], ["gone", false, true]);
  assert.equal(stateOf(outbox, 1, null, false), "gone");
  there.faults.push(unknown(), new Response("{}", { status: 503 }));
  await outbox.flush();
  assert.deepEqual([outbox.hold, outbox.isGone], ["busy", true], "whose session it is was not said");
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual([there.answers, outbox.isGone], [{ 1: number("1") }, false]);
});

test("what was saved is not called so any longer where the server does not know the attempt", async () => {
  const there = server();
  const { outbox, look } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.faults.push(new Response("{}", { status: 404 }));
  await assert.rejects(look());
  assert.equal(stateOf(outbox, 1, number("1"), false), "gone");
  await look();
  assert.equal(stateOf(outbox, 1, number("1"), false), "saved");
});

test("an attempt that ended elsewhere is over here too; what waits is sent all the same, and stored as evidence", async () => {
  const there = server();
  const { outbox } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.faults.push("away");
  outbox.save(2, number("2"), "null", false);
  await outbox.flush();
  there.state = "submitted";
  // Asked before anything is sent, since something else may have been answered meanwhile.
  outbox.beUnsure();
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.equal(outbox.end, "closed");
  assert.deepEqual(there.evidence.map(({ question, response }) => [question, response]), [[2, number("2")]]);

  const other = page();
  await assert.rejects(other.look());
  assert.equal(other.outbox.end, "closed", "nothing was waiting");
});

test("another pen ends the saving here, until it is taken again", async () => {
  const there = server();
  const { outbox } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.pen += 1;
  there.answers[2] = number("elsewhere");
  outbox.save(3, number("3"), "null", false);
  await outbox.running;
  assert.equal(outbox.end, "superseded");
  await outbox.takeOver();
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("elsewhere"), 3: number("3") });
});

test("one's own save whose acknowledgement was lost is not taken for an answer given elsewhere", async () => {
  const there = server();
  const { outbox, shelf } = page();
  // The pen is taken, what is held is asked, and the answer gets through, without a word to us.
  there.faults.push(undefined, undefined, "lost");
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  there.faults.push("away");
  outbox.save(1, number("12"), "null", false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(there.answers, { 1: number("1") });
  // The page is gone; another one finds this on the device.
  const found = sorted(await shelf.list("1", "a"), there.answers);
  assert.deepEqual([found.saved.length, found.unsent.length, found.differing.length], [0, 1, 0]);
});

test("what is kept is sent, is saved already, or differs from what was answered elsewhere", () => {
  const kept = (question, response) => ({ account: "1", attempt: "a", question, response, bases: ["null"], stamp: "1-1", partly: false, isSaved: false });
  const found = sorted(
    [kept(1, { choice: ["b", "a"] }), kept(2, number("2")), kept(3, number("3"))],
    { 1: { choice: ["a", "b"] }, 3: number("9") },
  );
  assert.deepEqual(
    [found.saved, found.unsent, found.differing].map((list) => list.map((one) => one.question)),
    [[1], [2], [3]],
  );
});

test("a busy server is left alone for as long as it says, and nobody is said to be offline", async () => {
  const there = server();
  const { outbox } = page();
  there.faults.push(new Response("{}", { status: 503, headers: { "retry-after": "5" } }));
  const before = performance.now();
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  assert.equal(stateOf(outbox, 1, null, false), "busy");
  assert.ok(outbox.tries.notBefore >= before + 5_000);
  outbox.save(2, number("2"), "null", false);
  await outbox.tryNow();
  assert.equal(there.requests.length, 1, "nothing is sent before its time");
  await outbox.flush();
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("2") });
  assert.equal(outbox.hold, null);
});

test("the time at which a busy server wants to be asked again may be a moment, and is never more than a minute away", async () => {
  for (const [header, least, most] of [
    [new Date(Date.now() + 20_000).toUTCString(), 18_000, 20_000],
    ["86400", 59_000, 60_001],
    ["soon", -1, 0],
  ]) {
    const there = server();
    const { outbox } = page();
    there.faults.push(new Response("{}", { status: 429, headers: { "retry-after": header } }));
    outbox.save(1, number("1"), "null", false);
    await outbox.running;
    clearTimeout(outbox.tries.timer);
    assert.equal(outbox.hold, "busy");
    const wait = outbox.tries.notBefore - performance.now();
    assert.ok(wait > least && wait <= most, `${header}: ${wait}`);
  }
});

test("a page whose pen another tab has taken says so before it sends anything", async () => {
  const there = server();
  const { outbox } = page();
  outbox.overtakenBy(7);
  assert.equal(outbox.end, null, "without a pen there is nothing to overtake");
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  outbox.overtakenBy(outbox.writer);
  assert.equal(outbox.end, null, "its own");
  there.pen += 1;
  outbox.overtakenBy(there.pen);
  assert.equal(stateOf(outbox, 1, number("1"), false), "elsewhere");
  const { length } = there.requests;
  outbox.save(2, number("2"), "null", false);
  assert.equal(stateOf(outbox, 2, null, false), "superseded");
  assert.equal(there.requests.length, length);
  await outbox.takeOver();
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("2") });
});

test("an answer that the server refuses is neither saved nor sent again, and goes with the next one", async () => {
  const there = server();
  const { outbox, saved, shelf } = page();
  const flags = async () => (await shelf.list("1", "a")).map(({ isSaved, isRefused }) => [isSaved, isRefused]);
  outbox.save(1, number("9".repeat(101)), "null", false);
  await untilSent(outbox);
  assert.equal(stateOf(outbox, 1, null, false), "invalid");
  assert.deepEqual([saved, await flags(), await shelf.unsent("a")], [[], [[false, true]], []]);
  const { length } = there.requests;
  await outbox.flush();
  assert.equal(there.requests.length, length);
  outbox.save(1, number("9"), "null", false);
  await untilSent(outbox);
  assert.deepEqual([saved, await flags(), outbox.invalid.size], [[1], [[true, false]], 0]);
});

test("a pen goes from page to page of a tab, and never to a copy of it", async () => {
  const there = server();
  /** @type {Map<string, string>} */
  let storage = new Map();
  const session = {
    getItem: (key) => storage.get(key) ?? null,
    setItem: (key, value) => storage.set(key, value),
    removeItem: (key) => storage.delete(key),
  };
  Object.defineProperty(globalThis, "sessionStorage", { value: session, configurable: true });
  try {
    const first = page();
    first.outbox.save(1, number("1"), "null", false);
    await untilSent(first.outbox);
    const copied = new Map(storage);
    first.outbox.handOn();
    const next = page(first.shelf, { writer: 1, lastSeq: 1 });
    assert.equal(next.outbox.hasPen, true);
    assert.equal(next.outbox.seq, 1);
    next.outbox.save(2, number("2"), "null", false);
    await untilSent(next.outbox);
    assert.equal(there.pen, 1);

    storage = copied;
    const copy = page(first.shelf, { writer: 1, lastSeq: 1 });
    assert.equal(copy.outbox.hasPen, false);

    // Copied between two pages, both have it; whoever hears of the other takes one of its own.
    next.outbox.met(1);
    next.outbox.save(3, number("3"), "null", false);
    await untilSent(next.outbox);
    assert.deepEqual([next.outbox.writer, there.pen], [2, 2]);
    assert.equal(next.outbox.end, null);
  } finally {
    Reflect.deleteProperty(globalThis, "sessionStorage");
  }
});

test("whoever is signed out stays so while the network comes and goes, until the server knows them again", async () => {
  const there = server();
  const { outbox } = page();
  there.faults = [new Response("{}", { status: 401 }), "away"];
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  assert.deepEqual([outbox.hold, outbox.isSignedOut], ["signed-out", true]);
  await outbox.flush();
  assert.deepEqual([outbox.hold, outbox.isSignedOut], ["waiting", true]);
  await outbox.flush();
  clearTimeout(outbox.tries.timer);
  assert.equal(outbox.isSignedOut, false);
  assert.deepEqual(there.answers, { 1: number("1") });
});
