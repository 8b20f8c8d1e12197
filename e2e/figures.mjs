// What the pages that everybody opens cost a slow phone on a slow network: node figures.mjs. Prints a table in Markdown.
//
// Each page is opened by a browser that has never been here, then once more. The processor is slowed four times, the network to what
// Lighthouse calls slow 3G. For figures that mean something: a release build in EXAMHALL_BIN, and a machine that does nothing else.

import { EVERY_KIND, publishEveryKind, startHall } from "./lib/hall.mjs";
import { PHONE, arrive, launch, somebody } from "./lib/browser.mjs";

const CPU_SLOWED = 4;
/** Bytes per second each way, and the time of a round trip in milliseconds. */
const SLOW_3G = { offline: false, downloadThroughput: (400 * 1024) / 8, uploadThroughput: (400 * 1024) / 8, latency: 400 };
/** How often each page is measured; the middle one counts. */
const TIMES = 5;

/**
 * @typedef {{ name: string, address: (ids: { open: string, ended: string }) => string, signedIn: boolean,
 *   touch: (page: import("playwright-core").Page) => Promise<unknown> }} Measured
 * @type {Measured[]}
 */
const PAGES = [
  { name: "sign-in", address: () => "/sign-in", signedIn: false, touch: (page) => page.locator("#email").pressSequentially("a") },
  { name: "catalogue", address: () => "/exams", signedIn: true, touch: (page) => page.locator("h1").click() },
  { name: "player", address: ({ open }) => `/attempts/${open}`, signedIn: true, touch: (page) => page.locator(".option input").first().click() },
  { name: "result", address: ({ ended }) => `/attempts/${ended}/result`, signedIn: true, touch: (page) => page.locator(".receipt summary").click() },
];

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs in the page, before anything of it: notes how long an event took from its input to the next picture. */
function noteEvents() {
  const noted = { longest: 0 };
  Object.assign(globalThis, { noted });
  new PerformanceObserver((list) => {
    for (const event of list.getEntries()) noted.longest = Math.max(noted.longest, event.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
}

/** Counts what comes over the network, as it comes: packed, heads included. */
function meter(session) {
  const counted = { requests: 0, bytes: 0 };
  session.on("Network.requestWillBeSent", () => {
    counted.requests += 1;
  });
  // What comes out of the browser's own cache is no request to anybody.
  session.on("Network.requestServedFromCache", () => {
    counted.requests -= 1;
  });
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    counted.bytes += encodedDataLength;
  });
  return {
    take: () => {
      const taken = { ...counted };
      counted.requests = 0;
      counted.bytes = 0;
      return taken;
    },
  };
}

async function firstPaint(page) {
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  return page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
}

/** Opens a page as somebody who has never been here, uses it, and opens it again. */
async function measure(browser, hall, { address, signedIn, touch }) {
  const { page, context, api } = await arrive(browser, hall.base, { viewport: PHONE, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  const ids = signedIn ? await attempts(api) : { open: "", ended: "" };
  await page.addInitScript(noteEvents);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW_3G);
  await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWED });
  const network = meter(session);

  await page.goto(address(ids), { waitUntil: "networkidle" });
  const first = { ...network.take(), paint: await firstPaint(page) };
  await touch(page);
  // Two pictures later the event has been reported.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const delay = await page.evaluate(() => /** @type {any} */ (globalThis).noted.longest);
  network.take();
  await page.goto(address(ids), { waitUntil: "networkidle" });
  const again = { ...network.take(), paint: await firstPaint(page) };
  await context.close();
  return { first, again, delay };
}

/** A new account with an attempt that is open and one that has ended. */
async function attempts(api) {
  await api("POST", "/accounts", somebody("Ana Costa"));
  const ended = await api("POST", "/exams/security-awareness/attempts", {});
  await api("POST", `/attempts/${ended.id}/submit`);
  const open = await api("POST", `/exams/${EVERY_KIND.slug}/attempts`, {});
  const choice = open.questions.find(({ kind }) => kind === "choice").number;
  return { open: `${open.id}?question=${choice}`, ended: ended.id };
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;
/** Events shorter than two pictures are not reported one by one. */
const delayed = (milliseconds) => (milliseconds === 0 ? "under 16 ms" : `${milliseconds} ms`);

const hall = await startHall();
let browser;
try {
  await publishEveryKind(hall);
  browser = await launch();
  console.log("| page | first visit | requests | first paint | again | requests | first paint | input to picture |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const shown of PAGES) {
    const runs = [];
    for (let time = 0; time < TIMES; time += 1) runs.push(await measure(browser, hall, shown));
    const of = (pick) => middle(runs.map(pick));
    const cells = ["first", "again"].flatMap((visit) => [
      kib(of((run) => run[visit].bytes)),
      of((run) => run[visit].requests),
      seconds(of((run) => run[visit].paint)),
    ]);
    console.log(`| ${[shown.name, ...cells, delayed(of((run) => run.delay))].join(" | ")} |`);
  }
} finally {
  await browser?.close();
  await hall.stop();
}
