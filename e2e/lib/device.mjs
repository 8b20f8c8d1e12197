// A browser that a test can kill and start again with all that it had written to its disk.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { CHROMIUM, SWITCHES, TIMEOUT_MS, watchContext } from "./browser.mjs";
import { LINE } from "./candidate.mjs";
import { scratch } from "./scratch.mjs";

/** How long a browser may take to start. */
const START_MS = 60_000;

/**
 * A device of somebody: one profile, and one browser at a time. Its pages are watched: end with `check`.
 * @param {string} base the address of the hall, or of the line to it, which may fail
 */
export async function unpack(base) {
  const profile = await mkdtemp(join(scratch, "examhall-device-"));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let running;
  /** @type {import("playwright-core").BrowserContext | undefined} */
  let context;
  /** @type {import("playwright-core").Cookie[]} */
  let cookies = [];
  /** One for each start. @type {ReturnType<typeof watchContext>[]} */
  const watches = [];
  /** @type {Promise<unknown>} */
  let ended = Promise.resolve();

  /** Where the browser listens: it writes it down once it does. */
  async function address() {
    const until = Date.now() + START_MS;
    for (;;) {
      if (running?.exitCode !== null) throw new Error(`the browser ended with ${running?.exitCode}`);
      const written = await readFile(join(profile, "DevToolsActivePort"), "utf8").catch(() => "");
      const [port, path] = written.split("\n");
      if (port && path) return `ws://127.0.0.1:${port}${path}`;
      if (Date.now() > until) throw new Error("the browser did not start");
      await sleep(50);
    }
  }

  return {
    /** Starts it. @returns {Promise<import("playwright-core").Page>} an empty page */
    start: async () => {
      await rm(join(profile, "DevToolsActivePort"), { force: true });
      const switches = [...SWITCHES, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"];
      // A group of its own: its helpers are to die with it.
      running = spawn(CHROMIUM, switches, { stdio: "ignore", detached: true });
      const process_ = running;
      ended = new Promise((resolve) => process_.once("exit", resolve));
      const browser = await chromium.connectOverCDP(await address());
      [context] = browser.contexts();
      if (!context) throw new Error("the browser came without a profile");
      const watch = watchContext(context, base);
      watch.expect(LINE);
      watches.push(watch);
      await context.addCookies(cookies);
      context.setDefaultTimeout(TIMEOUT_MS);
      return context.newPage();
    },
    /** Fails if a page has misbehaved. */
    check: () => {
      for (const watch of watches) watch.check();
    },
    /** The battery is out: nothing is asked and nothing is tidied up. */
    kill: async () => {
      // Written every half a minute only; candidates have been signed in for longer than that.
      cookies = (await context?.cookies()) ?? [];
      if (running?.pid && running.exitCode === null && running.signalCode === null) process.kill(-running.pid, "SIGKILL");
      await ended;
    },
    /** Kills it and throws its disk away. */
    discard: async () => {
      if (running?.pid && running.exitCode === null && running.signalCode === null) process.kill(-running.pid, "SIGKILL");
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
