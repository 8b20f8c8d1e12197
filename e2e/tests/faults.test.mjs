// A sample of faults.mjs; whoever touches how answers are kept runs it at length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CASES, run } from "../lib/faults.mjs";
import { publishEveryKind, startHall } from "../lib/hall.mjs";

test("while networks, browsers and servers come and go, every answer is kept and nothing untrue is said", async () => {
  const hall = await startHall({ demo: false });
  try {
    await publishEveryKind(hall);
    for (const [index, name] of CASES.entries()) {
      const { typed, kept, steps, findings } = await run(hall, name, 101 + index);
      assert.deepEqual(findings, [], `${name}: ${steps.join(", ")}`);
      assert.equal(kept, typed, `${name}: ${steps.join(", ")}`);
    }
  } finally {
    await hall.stop();
  }
});
