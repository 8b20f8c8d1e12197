// A running Examhall with the demo, in a folder of its own.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { scratch } from "./scratch.mjs";

const E2E = dirname(dirname(fileURLToPath(import.meta.url)));
const BINARY = resolve(process.env.EXAMHALL_BIN ?? join(E2E, "../target/debug/examhall"));

/** How long the first start may take, which makes the demo's content. */
const START_MS = 180_000;
const STOP_MS = 20_000;

/** The exam of fixtures/every-kind.examhall.json: every kind of question is on every paper. */
export const EVERY_KIND = { slug: "every-kind", title: "Every kind of question", questions: 7 };

/** The same bank as a practice. */
export const PRACTICE = { slug: "every-kind-practice", title: "Every kind of question: practice" };

/** One question of the same bank, in a time that a test can wait for. */
export const SHORT = { slug: "short", seconds: 12 };

export const fixture = (name) => join(E2E, "fixtures", name);

/**
 * Starts the server on a free port and waits until it is ready.
 * @param {{ demo?: boolean, databaseUrl?: string, admission?: boolean, folder?: string }} options `admission`: less is let in while
 *   things are late; `folder`: that of a hall that was killed, whose data it takes up
 */
export async function startHall({ demo = true, databaseUrl, admission = false, folder: earlier } = {}) {
  const folder = earlier ?? (await mkdtemp(join(scratch, "examhall-e2e-")));
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATA_DIR: folder,
    PORT: "0",
    LOG_LEVEL: process.env.E2E_LOG_LEVEL ?? "warn",
    // A day's worth of sign-ups in a minute is what these tests are.
    RATE_LIMITS: "off",
    ADMISSION: admission ? "on" : "off",
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
  };
  const arguments_ = demo ? ["serve", "--demo"] : ["serve"];
  const server = spawn(BINARY, arguments_, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  let printed = "";
  server.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });

  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill("SIGTERM");
      const timer = setTimeout(() => server.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    await rm(folder, { recursive: true, force: true });
  };
  /** As a power cut would: nothing is finished, and the folder stays. */
  const kill = async () => {
    server.kill("SIGKILL");
    await ended;
  };
  /** Runs a command of examhall on the same database. */
  const command = (...command) => promisify(execFile)(BINARY, command, { cwd: folder, env: environment });

  try {
    const until = Date.now() + START_MS;
    const link = (pattern) => printed.match(pattern)?.[0];
    while (!(await isReady(link(/http:\/\/\S+(?=\n)/)))) {
      if (server.exitCode !== null) throw new Error(`${BINARY} ended with ${server.exitCode}; it had printed: ${printed}`);
      if (Date.now() > until) throw new Error(`${BINARY} was not ready in ${START_MS} ms; it had printed: ${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // The links come after the address, in the same breath.
    while (!link(/http:\/\/\S+\/setup\?token=\S+/)) await new Promise((resolve) => setTimeout(resolve, 50));
    return {
      base: new URL(/** @type {string} */ (link(/http:\/\/\S+/))).origin,
      demoLink: link(/http:\/\/\S+\/demo\/\S+/),
      setUpLink: link(/http:\/\/\S+\/setup\?token=\S+/),
      pid: /** @type {number} */ (server.pid),
      folder,
      command,
      kill,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {string | undefined} address */
async function isReady(address) {
  if (!address) return false;
  try {
    return (await fetch(new URL("/readyz", address))).status === 200;
  } catch {
    return false;
  }
}

/** Publishes the exam with every kind of question. */
export async function publishEveryKind(hall) {
  const { slug, title, questions } = EVERY_KIND;
  await hall.command("import", fixture("every-kind.examhall.json"), "--bank", slug);
  await publish(hall, slug, "--title", title, "--questions", String(questions), "--time-limit", "40m", "--pass", "70");
  await publish(hall, PRACTICE.slug, "--title", PRACTICE.title, "--questions", String(questions), "--mode", "practice");
}

/** Publishes the short exam. */
export async function publishShort(hall) {
  await publish(hall, SHORT.slug, "--title", "Short", "--questions", "1", "--time-limit", `${SHORT.seconds}s`);
}

/** It is the same for a database that has it from an earlier run. */
async function publish(hall, slug, ...settings) {
  await hall.command("exam", "create", "--slug", slug, "--bank", EVERY_KIND.slug, ...settings).catch((error) => {
    if (!String(error.stderr).includes("already")) throw error;
  });
  await hall.command("exam", "publish", slug);
}
