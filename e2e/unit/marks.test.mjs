// The parts of js/marks that know nothing of a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { count, matches } from "../../crates/server/assets/js/marks/filters.js";
import { Marks, forget, keyOf, parse, sweep } from "../../crates/server/assets/js/marks/kept.js";
import { KEYS, commandOf } from "../../crates/server/assets/js/marks/keys.js";
import { secondsOf, timeInWords } from "../../crates/server/assets/js/marks/said.js";

/** Storage in memory, which may be full or forbidden. */
function shelf({ full = false, forbidden = false } = {}) {
  const kept = new Map();
  const guard = () => {
    if (forbidden) throw new DOMException("no", "SecurityError");
  };
  return {
    kept,
    get length() {
      guard();
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (name) => (guard(), kept.get(name) ?? null),
    setItem: (name, value) => {
      guard();
      if (full) throw new DOMException("no", "QuotaExceededError");
      kept.set(name, value);
    },
    removeItem: (name) => (guard(), kept.delete(name)),
  };
}

const pressed = (key, more = {}) => ({
  key,
  code: "",
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  isComposing: false,
  ...more,
});

test("marks are there again for the same attempt, and for no other", () => {
  const storage = shelf();
  const marks = new Marks("one", storage);
  marks.flag(3, true);
  marks.strike(2, "b", true);
  marks.strike(2, "c", true);
  marks.strike(2, "c", false);
  const again = new Marks("one", storage);
  assert.ok(again.isFlagged(3) && !again.isFlagged(2));
  assert.ok(again.isStruck(2, "b") && !again.isStruck(2, "c") && !again.isStruck(3, "b"));
  assert.ok(!new Marks("two", storage).isFlagged(3));
});

test("two tabs that mark at once keep each other's marks", () => {
  const storage = shelf();
  const [here, there] = [new Marks("one", storage), new Marks("one", storage)];
  here.flag(1, true);
  there.flag(2, true);
  here.read();
  assert.ok(here.isFlagged(1) && here.isFlagged(2));
});

for (const [how, storage] of [
  ["missing", null],
  ["full", shelf({ full: true })],
  ["forbidden", shelf({ forbidden: true })],
]) {
  test(`where storage is ${how}, the page remembers`, () => {
    const marks = new Marks("one", storage);
    marks.flag(1, true);
    marks.flag(2, true);
    marks.strike(1, "a", true);
    assert.ok(marks.isFlagged(1) && marks.isFlagged(2) && marks.isStruck(1, "a"));
    forget(storage, "one");
    sweep(storage, 0);
  });
}

test("what cannot be understood counts for nothing", () => {
  for (const text of [null, "", "{", "7", '"x"', '{"flags":7,"struck":[1]}', '{"flags":["a",1.5],"struck":{"1":7}}', "null"]) {
    assert.deepEqual(parse(text).flags, [], String(text));
    assert.deepEqual(Object.values(parse(text).struck).flat().filter((letter) => typeof letter !== "string"), [], String(text));
  }
});

test("marks go with their attempt, and when nobody has touched them for long", () => {
  const storage = shelf();
  new Marks("ended", storage, () => 0).flag(1, true);
  new Marks("old", storage, () => 0).flag(1, true);
  new Marks("new", storage, () => 20 * 86_400_000).flag(1, true);
  storage.setItem("other", "stays");
  forget(storage, "ended");
  assert.equal(storage.getItem(keyOf("ended")), null);
  sweep(storage, 20 * 86_400_000);
  assert.deepEqual([...storage.kept.keys()].sort(), [keyOf("new"), "other"].sort());
});

test("a trial stores nothing", () => {
  const storage = shelf();
  new Marks("", storage).flag(1, true);
  assert.equal(storage.kept.size, 0);
});

test("letters and digits choose options, the last letters are commands", () => {
  assert.deepEqual(commandOf(pressed("a")), { name: "choose", place: 1 });
  assert.deepEqual(commandOf(pressed("L")), { name: "choose", place: 12 }, "Caps Lock does not matter");
  assert.deepEqual(commandOf(pressed("3")), { name: "choose", place: 3 });
  assert.deepEqual(commandOf(pressed("1", { shiftKey: true })), { name: "choose", place: 1 }, "French keyboards need Shift for digits");
  for (const [name, key] of Object.entries(KEYS)) assert.deepEqual(commandOf(pressed(key)), { name });
  assert.deepEqual(commandOf(pressed("?", { shiftKey: true })), { name: "help" });
  const commands = Object.values(KEYS).filter((key) => /[a-z]/.test(key));
  assert.ok(commands.every((key) => key > "l"), "no command takes the letter of an option");
  assert.equal(new Set(commands).size, commands.length);
});

test("keyboards of other scripts are known by where their keys lie", () => {
  assert.deepEqual(commandOf(pressed("ى", { code: "KeyN" })), { name: "next" });
  assert.deepEqual(commandOf(pressed("т", { code: "KeyN" })), { name: "next" });
  assert.deepEqual(commandOf(pressed("٢", { code: "Digit2" })), { name: "choose", place: 2 });
  assert.deepEqual(commandOf(pressed("؟", { code: "Slash", shiftKey: true })), { name: "help" });
  assert.deepEqual(commandOf(pressed("n", { code: "KeyK" })), { name: "next" }, "but a Latin letter is what it says");
});

test("other keys mean nothing, nor do keys that are held, composed or combined", () => {
  for (const key of ["Enter", "Tab", " ", "ArrowDown", "Escape", "z", "0", ";", "/", "F1", "Dead"]) {
    assert.equal(commandOf(pressed(key, { code: "KeyN" })), null, key);
  }
  for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { repeat: true }, { isComposing: true }]) {
    assert.equal(commandOf(pressed("n", more)), null, JSON.stringify(more));
    assert.equal(commandOf(pressed("?", more)), null, JSON.stringify(more));
  }
  assert.equal(commandOf(pressed("N", { shiftKey: true })), null);
});

test("filters show what they say and count it", () => {
  const states = [
    { answered: "open", flawed: false, flagged: true },
    { answered: "partly", flawed: true, flagged: false },
    { answered: "answered", flawed: false, flagged: true },
    { answered: "answered", flawed: true, flagged: false },
  ];
  assert.deepEqual(count(states), { all: 4, open: 1, partly: 1, flawed: 2, flagged: 2 });
  assert.ok(matches("flagged", states[2]) && !matches("open", states[1]));
  assert.ok(matches("flawed", states[3]) && !matches("flawed", states[2]));
});

test("time is told in words", () => {
  assert.equal(timeInWords(725, "en"), "12 minutes, 5 seconds");
  assert.equal(timeInWords(3_665, "en"), "1 hour, 1 minute");
  assert.equal(timeInWords(0, "en"), "0 seconds");
  assert.equal(timeInWords(3 * 86_400 + 7_200 + 60, "en"), "3 days, 2 hours");
  assert.match(timeInWords(60, "de"), /1 Minute/);
  assert.equal(secondsOf("12:05"), 725);
  assert.equal(secondsOf("1:05:09"), 3_909);
  assert.equal(secondsOf(""), undefined);
  assert.equal(secondsOf("soon"), undefined);
});
