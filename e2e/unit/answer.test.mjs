// What a form is filled with, and what is said of saving.

import assert from "node:assert/strict";
import { test } from "node:test";
import { valueOf } from "../../crates/server/assets/js/answer.js";
import { stateOf } from "../../crates/server/assets/js/player/state.js";

test("each field of each kind of question holds its part of the response", () => {
  assert.equal(valueOf("number", { number: "3.14" }), "3.14");
  assert.equal(valueOf("text", { text: "ls -l" }), "ls -l");
  assert.equal(valueOf("match.2", { match: { 1: "b", 2: "a" } }), "a");
  assert.equal(valueOf("match.3", { match: { 1: "b", 2: "a" } }), "");
  assert.equal(valueOf("blank.1", { blanks: { 1: "seven" } }), "seven");
  assert.deepEqual(
    ["a", "b", "c"].map((item) => valueOf(`order.${item}`, { order: ["c", "a", "b"] })),
    ["2", "3", "1"],
  );
});

test("a question that is left open has empty fields", () => {
  for (const name of ["number", "text", "match.1", "blank.1", "order.a"]) assert.equal(valueOf(name, {}), "");
});

/** As far as it tells what is said. */
const outbox = (parts = {}) => ({ end: null, hold: null, unsent: new Map(), invalid: new Set(), ...parts });
const unsent = new Map([[2, {}]]);

test("nothing is called saved while anything is not, whatever question is open", () => {
  const held = { number: "1" };
  assert.equal(stateOf(outbox(), 1, held, false), "saved");
  assert.equal(stateOf(outbox({ unsent }), 1, held, false), "saving");
  assert.equal(stateOf(outbox({ unsent, hold: "waiting" }), 1, held, false), "waiting");
  assert.equal(stateOf(outbox({ unsent, hold: "signed-out" }), 1, held, false), "signed-out");
  assert.equal(stateOf(outbox({ unsent, hold: "waiting", end: "superseded" }), 1, held, false), "superseded");
});

test("with everything sent, it is the open question that is spoken of", () => {
  assert.equal(stateOf(outbox(), 1, null, false), "empty");
  assert.equal(stateOf(outbox(), 1, null, true), "cleared");
  assert.equal(stateOf(outbox({ invalid: new Set([1]) }), 1, null, false), "invalid");
  assert.equal(stateOf(outbox({ invalid: new Set([1]) }), 2, { text: "a" }, false), "saved");
});
