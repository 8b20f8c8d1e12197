// What is said of a number as it is typed is what the server makes of it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isNumber } from "../../crates/server/assets/js/typed.js";

// The server's own tests go by the same lists.
const { numbers, others } = JSON.parse(await readFile(new URL("../../crates/exam/src/question/numbers.json", import.meta.url), "utf8"));

test("what the server reads as a number is one", () => {
  assert.ok(numbers.length > 10);
  assert.deepEqual(numbers.filter((text) => !isNumber(text)), []);
});

test("what the server cannot read is none", () => {
  assert.ok(others.length > 10);
  assert.deepEqual(others.filter((text) => isNumber(text)), []);
});
