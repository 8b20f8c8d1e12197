// What was never sent when its attempt ended: the server stores it, and only then may it go.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { leaveEvidence } from "../../crates/server/assets/js/player/evidence.js";
import { page, server, untilSent, withdraw } from "../lib/made-up.mjs";

afterEach(withdraw);

const number = (text) => ({ number: text });

/** What is not counted, by question. */
const stored = (there) => Object.fromEntries(there.evidence.map(({ question, response }) => [question, response]));

test("what a device could not send before the end is stored, and told as late", async () => {
  const there = server();
  const { outbox, shelf } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.faults = ["away"];
  outbox.save(1, number("12"), JSON.stringify(number("1")), false);
  outbox.save(2, number("2"), "null", false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  there.state = "expired";
  assert.deepEqual(await leaveEvidence("a", await shelf.unsent()), { late: [1, 2], undecided: [] });
  assert.deepEqual(stored(there), { 1: number("12"), 2: number("2") });
  assert.deepEqual(there.evidence.map(({ writer, seq }) => [writer, seq]), [[1, 2], [1, 3]]);
  assert.deepEqual(there.answers, { 1: number("1") });
});

test("what the server holds is neither stored again nor late, though nobody heard that it came", async () => {
  const there = server();
  const { outbox, shelf } = page();
  there.faults = [undefined, undefined, "lost"];
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  there.state = "submitted";
  assert.deepEqual(await leaveEvidence("a", await shelf.unsent()), { late: [], undecided: [] });
  assert.deepEqual(there.evidence, []);
});

test("what it has stored already is not sent again", async () => {
  const there = server();
  const { outbox, shelf } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.state = "expired";
  outbox.save(2, number("2"), "null", false);
  await outbox.running;
  assert.equal(outbox.end, "closed");
  assert.equal(outbox.isLate, true, "the page says so when it hands in, also when the server was first to end the attempt");
  assert.deepEqual(stored(there), { 2: number("2") });
  assert.deepEqual(await leaveEvidence("a", await shelf.unsent()), { late: [2], undecided: [] });
  assert.equal(there.evidence.length, 1);
});

test("a tab that never had the pen leaves what was answered in it as well", async () => {
  const there = server();
  const { outbox, shelf } = page();
  there.state = "expired";
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  assert.equal(outbox.end, "closed");
  assert.deepEqual(await leaveEvidence("a", await shelf.unsent()), { late: [1], undecided: [] });
  assert.deepEqual(stored(there), { 1: number("1") });
});

test("what was answered where another device had the pen is stored, and not told as late", async () => {
  const there = server();
  const { outbox, shelf } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.pen += 1;
  outbox.save(1, number("12"), JSON.stringify(number("1")), false);
  await outbox.running;
  assert.equal(outbox.end, "superseded");
  assert.equal(outbox.isLate, false);
  outbox.save(2, number("2"), "null", false);
  await outbox.running;
  there.state = "expired";
  assert.deepEqual(await leaveEvidence("a", await shelf.unsent()), { late: [], undecided: [] });
  assert.deepEqual(stored(there), { 2: number("2") }, "the first one has been stored when it was refused");
});

test("what was answered elsewhere since, and never decided, is stored and not told as late", async () => {
  const there = server();
  const { outbox, shelf } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  there.faults = ["away"];
  outbox.save(1, number("12"), JSON.stringify(number("1")), false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  there.answers[1] = number("7");
  there.state = "expired";
  assert.deepEqual(await leaveEvidence("a", await shelf.unsent()), { late: [], undecided: [1] });
  assert.deepEqual(stored(there), { 1: number("12") });
});

test("while the server cannot store it, or the attempt goes on, nothing is over", async () => {
  const there = server();
  const { outbox, shelf } = page();
  there.faults = ["away"];
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  const unsent = await shelf.unsent();
  await assert.rejects(leaveEvidence("a", unsent), /goes on/);
  there.state = "expired";
  for (const faults of [["away"], [undefined, "away"], [undefined, new Response("{}", { status: 503 })], [new Response("{}", { status: 404 })]]) {
    there.faults = faults;
    await assert.rejects(leaveEvidence("a", unsent));
  }
  assert.deepEqual(there.evidence, []);
});
