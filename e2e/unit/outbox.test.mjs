// What keeps answers and brings them to the server, against a server that is made up.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { PageShelf } from "../../crates/server/assets/js/player/device.js";
import { Outbox } from "../../crates/server/assets/js/player/outbox.js";
import { sorted } from "../../crates/server/assets/js/player/restore.js";

const original = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = original;
});

/** A server with one attempt, as the contract describes it. */
function server() {
  const there = {
    /** @type {Record<string, object | null>} */
    answers: {},
    pen: 0,
    /** @type {object[]} */
    requests: [],
    /** What happens to the next requests, one each: nothing, or a refusal. @type {(Response | "lost" | "away" | undefined)[]} */
    faults: [],
  };
  const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });
  globalThis.fetch = async (address, { method = "GET", body } = {}) => {
    const fault = there.faults.shift();
    there.requests.push({ method, address });
    if (fault === "away") throw new TypeError("no network");
    if (fault instanceof Response) return fault;
    const answer = () => {
      if (String(address).endsWith("/writers")) return json(201, { writer: ++there.pen });
      if (method === "GET") return json(200, { answers: there.answers });
      const { writer, operations } = JSON.parse(body);
      const [acknowledged, rejected] = [[], []];
      for (const { seq, question, response } of operations) {
        if (writer < there.pen) rejected.push({ seq, code: "superseded" });
        else {
          there.answers[question] = response;
          acknowledged.push(seq);
        }
      }
      return json(200, { acknowledged, rejected, server_time: new Date(0).toISOString(), deadline: null });
    };
    const answered = answer();
    if (fault === "lost") throw new TypeError("the answer is lost");
    return answered;
  };
  return there;
}

/** A shelf that outlives the page, as far as one can tell. */
class LastingShelf extends PageShelf {
  isDurable = true;
}

function page(shelf = new LastingShelf()) {
  /** @type {number[]} */
  const saved = [];
  const listener = { changed: () => {}, saved: (kept) => saved.push(kept.question), time: () => {}, pen: () => {} };
  const outbox = new Outbox({ account: "1", attempt: "a", writer: 0, lastSeq: 0 }, shelf, listener);
  return { outbox, saved, shelf };
}

/** Tries until nothing is left, as timers would. */
async function untilSent(outbox) {
  for (let tries = 0; tries < 20 && outbox.isPending; tries += 1) await outbox.flush();
}

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
  assert.deepEqual(steps, ["kept", "sent", "sent"], "kept, then the pen, then the answer");
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
  clearTimeout(outbox.timer);
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("3") });
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
  clearTimeout(outbox.timer);
  assert.deepEqual(there.answers, { 1: number("1") });
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
  // The pen is taken, and the answer gets through, without a word to us.
  there.faults.push(undefined, "lost");
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  there.faults.push("away");
  outbox.save(1, number("12"), "null", false);
  await outbox.running;
  clearTimeout(outbox.timer);
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
