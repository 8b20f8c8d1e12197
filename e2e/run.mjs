// Runs the browser tests against a server of their own, and the unit tests of the scripts: node run.mjs [FILE...], such as
// `node run.mjs journey`.
//
//   EXAMHALL_BIN       the binary; default ../target/debug/examhall
//   E2E_POSTGRES_URL   an empty PostgreSQL database, to make the main journey on it as well
//   CHROMIUM_BIN       default /usr/bin/chromium
//   E2E_AT_ONCE        how many files run at once; default 3
//   E2E_SLOWER         how many times slower the processor is to look to pages, such as 6

import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "node:test";
import { spec, tap } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { publishEveryKind, publishShort, startHall } from "./lib/hall.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const testsIn = async (folder) => (await readdir(join(here, folder))).sort().map((name) => join(folder, name));
const all = [...(await testsIn("unit")), ...(await testsIn("tests"))].filter((name) => name.endsWith(".test.mjs"));
const files = all.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (files.length === 0) throw new Error(`no test file is called like ${wanted.join(" or ")}; there are ${all.join(", ")}`);

/** How long one file may take, with its browser. */
const FILE_MS = 600_000;

/** Tests mostly wait for something, such as a lost connection to be tried again: files at once, each with its browser. */
const AT_ONCE = Number(process.env.E2E_AT_ONCE ?? 3);

/** Unit tests need no server. */
const databases = files.every((name) => name.startsWith("unit/")) ? {} : { SQLite: undefined };
if (Object.hasOwn(databases, "SQLite") && process.env.E2E_POSTGRES_URL) databases.PostgreSQL = process.env.E2E_POSTGRES_URL;

const running = [];
const stopAll = () => Promise.all(running.splice(0).map((hall) => hall.stop()));
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    interruption.abort();
    await stopAll();
    process.exit(1);
  });
}
try {
  const halls = {};
  for (const [name, databaseUrl] of Object.entries(databases)) {
    const hall = await startHall({ databaseUrl });
    running.push(hall);
    await publishEveryKind(hall);
    await publishShort(hall);
    halls[name] = { base: hall.base, demoLink: hall.demoLink, setUpLink: hall.setUpLink };
  }
  process.env.EXAMHALL_E2E = JSON.stringify(halls);
  await new Promise((resolve, reject) => {
    const tests = run({ files: files.map((name) => join(here, name)), concurrency: AT_ONCE, timeout: FILE_MS, signal: interruption.signal });
    tests.on("test:fail", ({ todo }) => {
      if (todo === undefined || todo === false) process.exitCode = 1;
    });
    tests.once("end", resolve).once("error", reject);
    if (process.stdout.isTTY) tests.compose(new spec()).pipe(process.stdout);
    else tests.compose(tap).pipe(process.stdout);
  });
} finally {
  await stopAll();
}
