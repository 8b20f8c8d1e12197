// What a form is filled with, and what is said of saving.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { isPartly, readResponse, valueOf } from "../../crates/server/assets/js/answer.js";
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

const { FormData } = globalThis;
afterEach(() => {
  globalThis.FormData = FormData;
});

/** A form of some kind with fields. */
function form(kind, fields) {
  globalThis.FormData = class extends FormData {
    constructor() {
      super();
      for (const [name, value] of Object.entries(fields)) this.append(name, value);
    }
  };
  return { dataset: { kind } };
}

test("a number is read without the spaces around it, as the server keeps it", () => {
  assert.deepEqual(readResponse(form("numeric", { number: " 3.14 " })), { number: "3.14" });
  assert.equal(readResponse(form("numeric", { number: "  " })), null);
  assert.deepEqual(readResponse(form("short_text", { text: " a b " })), { text: " a b " }, "and a text with them, likewise");
});

test("an order is read from its places, the last of which may be open", () => {
  const order = (a, b, c) => form("ordering", { "order.a": a, "order.b": b, "order.c": c });
  assert.deepEqual(readResponse(order("2", "3", "1")), { order: ["c", "a", "b"] });
  assert.deepEqual(readResponse(order("2", "", "1")), { order: ["c", "a"] });
  assert.equal(readResponse(order("", "", "")), null);
  for (const none of [["1", "1", "2"], ["2", "", ""], ["1", "3", ""]]) assert.equal(readResponse(order(...none)), undefined, String(none));
  assert.deepEqual([isPartly(order("2", "", "1")), isPartly(order("2", "3", "1"))], [true, false]);
});

/** As far as it tells what is said. */
const outbox = (parts = {}) => ({ end: null, hold: null, unsent: new Map(), invalid: new Set(), checked: new Set(), ...parts });
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
  assert.equal(stateOf(outbox({ checked: new Set([1]) }), 1, { text: "a" }, false), "checked", "elsewhere, before it was sent");
  assert.equal(stateOf(outbox(), 1, { text: "a" }, false, true), "checked");
  assert.equal(stateOf(outbox({ unsent }), 1, { text: "a" }, false, true), "saving");
});
