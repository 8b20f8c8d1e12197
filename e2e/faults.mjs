// Sits exams while the network goes away and browsers are killed, at random but the same for the same seed, and counts what was kept:
//
//   node faults.mjs [--runs N] [--seed S] [--case offline|killed|restarted]
//
//   EXAMHALL_BIN, CHROMIUM_BIN   as for run.mjs
//
// The last line is the summary. The exit code is 0 when everything was kept and nothing untrue was said, 2 when not, and 1 when the
// runs could not be made.

import { parseArgs } from "node:util";
import { CASES, run } from "./lib/faults.mjs";
import { publishEveryKind, startHall } from "./lib/hall.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    case: { type: "string" },
  },
});
const cases = values.case ? [values.case] : CASES;
const wrong = cases.filter((name) => !CASES.includes(name));
const [runs, first] = [Number(values.runs), Number(values.seed)];
if (wrong.length > 0 || !Number.isInteger(runs) || runs < 1 || !Number.isInteger(first)) {
  throw new Error(`--runs and --seed are whole numbers, --case is one of ${CASES.join(", ")}`);
}

const hall = await startHall({ demo: false });
const total = { typed: 0, kept: 0, findings: 0 };
try {
  await publishEveryKind(hall);
  for (let number = 0; number < runs; number += 1) {
    const [seed, name] = [first + number, cases[number % cases.length]];
    const { typed, kept, steps, findings } = await run(hall, name, seed);
    total.typed += typed;
    total.kept += kept;
    total.findings += findings.length;
    console.log(`${name}, seed ${seed}: ${kept} of ${typed} answers kept${findings.length > 0 ? `; ${steps.join(", ")}` : ""}`);
    for (const finding of findings) console.log(`  ${finding}`);
  }
} finally {
  await hall.stop();
}
const isGood = total.findings === 0 && total.kept === total.typed;
console.log(`${runs} runs from seed ${first}: ${total.kept} of ${total.typed} answers kept, ${total.findings} findings: ${isGood ? "PASS" : "FAIL"}`);
process.exitCode = isGood ? 0 : 2;
