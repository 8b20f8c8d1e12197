// The parts of js/intro that know nothing of a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockAhead, countdown, judgeClock, judgeConnection, judgeStorage } from "../../crates/server/assets/js/intro/measure.js";

/** A try by a device whose clock is so far ahead of a server at a moment, with so long a way there and back. */
function attempt({ ahead = 0, at = 1_000_000_500, there = 20, back = 20 } = {}) {
  const requestedAt = at - there + ahead;
  return { ms: there + back, requestedAt, answeredAt: at + back + ahead, date: Math.floor(at / 1_000) * 1_000 };
}

test("a connection is as good as its worst try", () => {
  assert.deepEqual(judgeConnection([attempt(), attempt({ back: 80 })]), { state: "good", ms: 100, failed: 0 });
  assert.equal(judgeConnection([attempt(), attempt({ back: 900 })]).state, "fair");
  assert.deepEqual(judgeConnection([attempt(), null, attempt()]), { state: "poor", ms: 40, failed: 1 });
  assert.equal(judgeConnection([null, null]).state, "bad");
});

test("how wrong a clock is, is known to half a second and half the way", () => {
  for (const ahead of [-3_600_000, -30_000, 0, 700, 180_000]) {
    const tries = [1_000_000_100, 1_000_000_400, 1_000_000_950].map((at) => attempt({ ahead, at }));
    const found = clockAhead(tries);
    assert.ok(Math.abs(found - ahead) <= 520, `${found} for ${ahead}`);
  }
  assert.equal(clockAhead([null, { ...attempt(), date: null }]), null);
});

test("a clock that is right, fast or slow is said to be so", () => {
  assert.equal(judgeClock(0), "good");
  assert.equal(judgeClock(-9_000), "good");
  assert.equal(judgeClock(60_000), "fast");
  assert.equal(judgeClock(-60_000), "slow");
  assert.equal(judgeClock(null), "unknown");
});

test("storage is good when both kinds of it are", () => {
  assert.equal(judgeStorage({ local: true, database: true }), "good");
  assert.equal(judgeStorage({ local: true, database: false }), "fair");
  assert.equal(judgeStorage({ local: false, database: false }), "bad");
});

test("the time until an exam opens is written as a clock", () => {
  assert.equal(countdown(0), "00:00");
  assert.equal(countdown(65), "01:05");
  assert.equal(countdown(3_909), "1:05:09");
  assert.equal(countdown(172_799), "47:59:59");
  assert.equal(countdown(172_800), null);
});
