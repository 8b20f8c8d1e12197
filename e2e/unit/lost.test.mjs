// A server that has lost what it had acknowledged: what this device keeps of it is sent again, and nothing of anybody else is replaced.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { missing } from "../../crates/server/assets/js/player/lost.js";
import { backup, page, server, untilSent, withdraw } from "../lib/made-up.mjs";

afterEach(withdraw);

const number = (text) => ({ number: text });

/** Answers a question here, and waits until it is saved. */
async function answer(outbox, question, response) {
  const past = [...(outbox.past.get(question) ?? ["null"])];
  outbox.save(question, response, past.at(-1), false);
  await untilSent(outbox);
}

test("what a server that was restored holds no longer is sent again when it is asked", async () => {
  const there = server();
  const { outbox, look } = page();
  await answer(outbox, 1, number("1"));
  const restore = backup(there);
  await answer(outbox, 1, number("12"));
  await answer(outbox, 1, number("123"));
  await answer(outbox, 2, number("2"));
  await answer(outbox, 3, number("3"));
  await answer(outbox, 3, null);
  restore();
  assert.deepEqual(there.answers, { 1: number("1") });
  await look();
  assert.equal(outbox.unsent.size, 2, "what was taken back and is not there is as it should be");
  await untilSent(outbox);
  assert.deepEqual(there.answers, { 1: number("123"), 2: number("2") });
  await look();
  assert.equal(outbox.unsent.size, 0, "once");
});

test("it is sent again although the server has taken later answers meanwhile", async () => {
  const there = server();
  const { outbox, look } = page();
  await answer(outbox, 1, number("1"));
  const restore = backup(there);
  await answer(outbox, 2, number("2"));
  restore();
  await answer(outbox, 3, number("3"));
  await look();
  await untilSent(outbox);
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("2"), 3: number("3") });
});

test("a pen that the server does not know any more has it asked, and another one is taken", async () => {
  const there = server();
  const { outbox } = page();
  const restore = backup(there);
  await answer(outbox, 1, number("1"));
  await answer(outbox, 2, number("2"));
  restore();
  await answer(outbox, 3, number("3"));
  assert.equal(outbox.end, null);
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("2"), 3: number("3") });
});

test("a pen whose number was given out before has the server asked as well", async () => {
  const there = server();
  const { outbox } = page();
  await answer(outbox, 1, number("1"));
  const restore = backup(there);
  await answer(outbox, 2, number("2"));
  restore();
  there.pen = 0;
  // A copied tab has used the numbers.
  outbox.hasPen = false;
  await answer(outbox, 3, number("3"));
  assert.deepEqual(there.answers, { 1: number("1"), 2: number("2"), 3: number("3") });
});

test("a server that was away is doubted once it is back, and not otherwise", async () => {
  const there = server();
  const { outbox, returns } = page();
  await answer(outbox, 1, number("1"));
  assert.equal(returns(), 0);
  there.faults.push("away");
  outbox.save(2, number("2"), "null", false);
  await outbox.running;
  await untilSent(outbox);
  assert.equal(returns(), 1);
});

test("so is one that was started anew between two answers, once", async () => {
  const there = server();
  const { outbox, returns } = page();
  await answer(outbox, 1, number("1"));
  for (const [name, count] of [
    ["first", 0],
    ["second", 1],
    ["first", 1],
    ["second", 1],
  ]) {
    there.name = name;
    await answer(outbox, 2, number(`${name} ${count}`));
    assert.equal(returns(), count);
  }
});

test("a later answer from elsewhere stays, also one that took an answer back", async () => {
  const there = server();
  const { outbox, look, shelf } = page();
  await answer(outbox, 1, number("1"));
  await answer(outbox, 2, number("2"));
  there.pen += 1;
  Object.assign(there.answers, { 1: number("9"), 2: null });
  for (const [index, question] of [1, 2].entries()) there.latest[question] = { writer: there.pen, seq: index + 1 };
  await look();
  assert.equal(outbox.unsent.size, 0);
  assert.deepEqual(there.answers, { 1: number("9"), 2: null });
  const kept = await shelf.list();
  assert.deepEqual(kept.map(({ response }) => response), [number("9"), null], "a page without a network shows the later ones");
});

test("where a pen was given out twice, what somebody else answered is not replaced unasked", () => {
  const kept = (question, response, past) => ({
    ...{ account: "1", attempt: "a", question, response, bases: past, past, stamp: "1-1", partly: false, isSaved: true },
    at: { writer: 2, seq: 5 },
  });
  const told = { writer: 2, answers: { 1: number("9"), 3: number("3") }, latest: { 1: { writer: 2, seq: 1 }, 3: { writer: 1, seq: 2 } } };
  const found = missing([kept(1, number("1"), ["null"]), kept(2, number("2"), ["null"]), kept(3, number("33"), ["null", '{"number":"3"}'])], told);
  assert.deepEqual(
    [found.lost, found.differing, found.replaced].map((list) => list.map((one) => one.question)),
    [[2, 3], [1], []],
  );
  // An older server does not tell numbers; it is not accused.
  const { lost, differing, replaced } = missing([kept(2, number("2"), ["null"])], { writer: 2, answers: {} });
  assert.deepEqual([lost, differing, replaced], [[], [], []]);
});
