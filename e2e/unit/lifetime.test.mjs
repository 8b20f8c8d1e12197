// For how long a device that others use too keeps answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDue, isOutdated } from "../../crates/server/assets/js/player/lifetime.js";

const DAY = 24 * 3_600_000;
const kept = (more) => ({ account: "1", attempt: "a", question: 1, response: { number: "1" }, bases: ["null"], stamp: "0-1-0.5", partly: false, isSaved: true, ...more });

test("a saved answer goes soon after its time is up, and within a week where none is known", () => {
  const until = 3 * DAY;
  assert.ok(!isOutdated(kept({ until }), until + 60_000), "the time may have been extended");
  assert.ok(isOutdated(kept({ until }), until + 2 * 3_600_000));
  for (const untimed of [{}, { until: null }]) {
    assert.ok(!isOutdated(kept(untimed), 6 * DAY));
    assert.ok(isOutdated(kept(untimed), 8 * DAY));
  }
});

test("one that never arrived stays for whoever comes back", () => {
  const unsent = kept({ isSaved: false, until: DAY });
  assert.ok(!isOutdated(unsent, 20 * DAY));
  assert.ok(isOutdated(unsent, 31 * DAY));
  assert.deepEqual([isDue(unsent, DAY - 1), isDue(unsent, DAY + 1)], [true, false], "late, it is not sent");
  assert.ok(isDue(kept({ isSaved: false }), 20 * DAY));
  assert.ok(!isDue(kept({ until: DAY }), 0));
});
