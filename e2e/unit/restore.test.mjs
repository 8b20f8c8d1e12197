// What several devices answer to the same question: nothing replaces an answer from elsewhere that nobody here has seen.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { PageShelf } from "../../crates/server/assets/js/player/device.js";
import { dropKept, lacks, restore, useKept } from "../../crates/server/assets/js/player/restore.js";
import { LastingShelf, page, server, untilSent, withdraw } from "../lib/made-up.mjs";

afterEach(withdraw);

const number = (text) => ({ number: text });
const blanks = (...texts) => ({ blanks: Object.fromEntries(texts.map((text, index) => [index + 1, text]).filter(([, text]) => text)) });

/** Somebody answers elsewhere. */
function elsewhere(there, question, response) {
  there.pen += 1;
  there.answers[question] = response;
  there.latest[question] = { writer: there.pen, seq: 1 };
}

test("a page without a pen does not replace what another device has answered since it was made", async () => {
  const there = server();
  const { outbox, sheets, held, asked } = page();
  elsewhere(there, 1, blanks("a", "b", "c"));
  outbox.save(1, blanks(undefined, undefined, undefined, "d"), "null", true);
  outbox.save(2, number("2"), "null", false);
  await untilSent(outbox);
  assert.deepEqual(there.answers, { 1: blanks("a", "b", "c"), 2: number("2") });
  assert.deepEqual(asked(), [1]);
  assert.deepEqual(held.get(1), blanks("a", "b", "c"));
  useKept(outbox, sheets);
  await untilSent(outbox);
  assert.deepEqual(there.answers[1], blanks(undefined, undefined, undefined, "d"), "it was wanted");
  assert.deepEqual(asked(), []);
});

test("whoever continues here is asked about a question that was answered elsewhere meanwhile", async () => {
  const there = server();
  const { outbox, sheets, shelf, asked } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  elsewhere(there, 1, number("9"));
  outbox.save(1, number("12"), JSON.stringify(number("1")), false);
  outbox.save(2, number("2"), "null", false);
  await outbox.running;
  assert.equal(outbox.end, "superseded");
  await outbox.takeOver();
  assert.deepEqual(there.answers, { 1: number("9"), 2: number("2") });
  assert.deepEqual(asked(), [1]);
  dropKept(outbox, sheets);
  await untilSent(outbox);
  assert.deepEqual(there.answers, { 1: number("9"), 2: number("2") });
  const kept = (await shelf.list()).find((one) => one.question === 1);
  assert.deepEqual([kept?.isSaved, kept?.response], [true, number("9")]);
});

test("a page that is left before it could look sends nothing, and the next one looks", async () => {
  const there = server();
  const shelf = new LastingShelf();
  const { outbox } = page(shelf);
  elsewhere(there, 1, number("9"));
  there.faults = [undefined, "away"];
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  assert.equal(outbox.hasPen, true);
  outbox.sendLast();
  assert.deepEqual(there.answers, { 1: number("9") });
  const next = page(shelf, { writer: there.pen, lastSeq: 0 });
  await restore(next.outbox, next.sheets, false);
  await untilSent(next.outbox);
  assert.deepEqual(there.answers, { 1: number("9") });
  assert.deepEqual(next.asked(), [1]);
});

test("a kept answer that is changed before the server can be asked is compared like any other", async () => {
  const there = server();
  const shelf = new LastingShelf();
  const before = page(shelf);
  there.faults = ["away"];
  before.outbox.save(1, number("1"), "null", false);
  await before.outbox.running;
  clearTimeout(before.outbox.tries.timer);
  elsewhere(there, 1, number("9"));
  const { outbox, sheets, asked } = page(shelf);
  there.faults = ["away"];
  await restore(outbox, sheets, true);
  await outbox.running;
  outbox.save(1, number("12"), "null", false);
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(there.answers, { 1: number("9") });
  assert.deepEqual(asked(), [1]);
});

test("one's own answer with blanks around it is not taken for somebody else's", async () => {
  const there = server();
  const { outbox, asked } = page();
  outbox.save(1, number("3.1 "), "null", false);
  await untilSent(outbox);
  there.answers[1] = number("3.1");
  outbox.hasPen = false;
  outbox.save(1, number("3.14"), JSON.stringify(number("3.1 ")), false);
  await untilSent(outbox);
  assert.deepEqual(asked(), []);
  assert.deepEqual(there.answers[1], number("3.14"));
});

test("the server lacks what it was never sent and what it has lost, and not what reached it unheard", async () => {
  const there = server();
  const { outbox, shelf, look } = page();
  there.faults = [undefined, undefined, "lost"];
  outbox.save(1, number("1"), "null", false);
  await outbox.running;
  clearTimeout(outbox.tries.timer);
  const told = async () => (await fetch("attempts/a")).json();
  assert.equal(lacks(await shelf.list(), await told()), false);
  there.faults = ["away"];
  outbox.save(2, number("2"), "null", false);
  await outbox.flush();
  clearTimeout(outbox.tries.timer);
  assert.equal(lacks(await shelf.list(), await told()), true);
  await untilSent(outbox);
  await look();
  assert.equal(lacks(await shelf.list(), await told()), false);
  delete there.answers[2];
  delete there.latest[2];
  assert.equal(lacks(await shelf.list(), await told()), true);
});

test("what a device keeps that opens late is sent, but not over what was answered here meanwhile", async () => {
  const there = server();
  const slow = new LastingShelf();
  const before = page(slow);
  there.faults = ["away"];
  for (const question of [1, 2, 3]) before.outbox.save(question, number("before"), "null", false);
  await before.outbox.running;
  clearTimeout(before.outbox.tries.timer);
  const { outbox, sheets } = page(new PageShelf());
  outbox.save(1, number("saved"), "null", false);
  await untilSent(outbox);
  there.faults = ["away"];
  outbox.save(2, number("unsent"), "null", false);
  await outbox.running;
  assert.equal(outbox.isKept, false);
  await outbox.moveTo(slow);
  assert.equal(outbox.isKept, true);
  await restore(outbox, sheets, false);
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(there.answers, { 1: number("saved"), 2: number("unsent"), 3: number("before") });
});

test("a page that was kept asks what the server holds, though it has nothing to send, as soon as it can", async () => {
  const there = server();
  const shelf = new LastingShelf();
  const before = page(shelf);
  before.outbox.save(1, number("1"), "null", false);
  await untilSent(before.outbox);
  elsewhere(there, 1, number("9"));
  const { outbox, sheets, held } = page(shelf);
  there.faults = ["away", "away"];
  await restore(outbox, sheets, true);
  assert.deepEqual(held.get(1), number("1"));
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(held.get(1), number("9"));
});

test("who continues here sees what was answered elsewhere, though nothing is to be sent, as soon as that can be asked", async () => {
  const there = server();
  const { outbox, held } = page();
  outbox.save(1, number("1"), "null", false);
  await untilSent(outbox);
  elsewhere(there, 1, number("9"));
  outbox.overtakenBy(there.pen);
  there.faults = ["away", undefined, "away"];
  await outbox.takeOver();
  await untilSent(outbox);
  clearTimeout(outbox.tries.timer);
  assert.deepEqual(held.get(1), number("9"));
  assert.equal(outbox.writer, there.pen);
});

test("an answer that was kept does not replace one that was given here after the question about it", async () => {
  const there = server();
  const { outbox, sheets, asked } = page();
  elsewhere(there, 1, number("9"));
  elsewhere(there, 2, number("99"));
  outbox.save(1, number("1"), "null", false);
  outbox.save(2, number("2"), "null", false);
  await untilSent(outbox);
  assert.deepEqual(asked(), [1, 2]);
  outbox.save(1, number("newest"), JSON.stringify(number("9")), false);
  assert.deepEqual(asked(), [2]);
  await untilSent(outbox);
  useKept(outbox, sheets);
  await untilSent(outbox);
  assert.deepEqual(there.answers, { 1: number("newest"), 2: number("2") });
});
