// The operations page: figures that come by themselves, and what it says when they do not. On a hall of its own, which is held up
// and stopped.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, assertNothingInline, enterDemo, launch } from "../lib/browser.mjs";
import { startHall } from "../lib/hall.mjs";
import { findings } from "../lib/looks.mjs";

let browser;
let hall;
before(async () => {
  hall = await startHall();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await hall?.stop();
});

const PAGE = "/admin/operations";
const FIGURES = "**/admin/operations/figures";

/** @param {import("playwright-core").Page} page @param {string} part */
const ofBrowsing = (page, part) => page.locator(`[data-class="browse"] [data-part="${part}"]`);
const state = (page) => page.locator("#link-state");

async function invigilator(options = {}) {
  const person = await arrive(browser, hall.base, options);
  await enterDemo(person.page, hall.demoLink, "invigilator");
  return person;
}

test("newer figures come by themselves, count what people do, and are drawn", async () => {
  const person = await invigilator();
  const { page, context } = person;
  await page.goto(PAGE);
  await state(page).filter({ hasText: "by themselves" }).waitFor();
  const before = Number(await ofBrowsing(page, "answered").innerText());
  for (let visit = 0; visit < 5; visit += 1) await context.request.get("/exams");
  await ofBrowsing(page, "answered").filter({ hasText: new RegExp(`^${before + 5}$`) }).waitFor();
  // Rates need two answers; then the five are among them, and so is the time that they took.
  await page.waitForFunction(() => Number(document.querySelector('[data-class="browse"] [data-part="rate"]')?.textContent) > 0);
  assert.match(await ofBrowsing(page, "most").innerText(), /^\d[\d.,]* (ms|s)$/);
  assert.ok(Number(await page.locator('.figure [data-said="rate"]').innerText()) > 0);
  const line = page.locator('[data-chart="rate"] .line');
  await line.first().waitFor({ state: "attached" });
  await page.waitForFunction(() => (document.querySelector('[data-chart="rate"] .line')?.getAttribute("points") ?? "").includes(" "));
  assert.equal(await page.locator("[data-chart]:visible").count(), 8, "every chart is drawn");
  await assertNothingInline(page);
  assert.deepEqual(await findings(page), []);
  await person.leave();
});

test("nothing is asked for while nobody looks", async () => {
  const person = await invigilator();
  const { page } = person;
  await page.clock.install();
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/figures")) asked += 1;
  });
  const look = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await page.goto(PAGE);
  await state(page).filter({ hasText: "by themselves" }).waitFor();
  await look(true);
  await state(page).filter({ hasText: "Paused" }).waitFor();
  const until = asked;
  await page.clock.runFor(60_000);
  assert.equal(asked, until, "a minute in the background");
  const answered = page.waitForResponse(FIGURES);
  await look(false);
  await answered;
  await state(page).filter({ hasText: "by themselves" }).waitFor();
  await person.leave();
});

test("counts of another process are not taken for those of the one before", async () => {
  const person = await invigilator();
  const { page } = person;
  await page.goto(PAGE);
  await state(page).filter({ hasText: "by themselves" }).waitFor();
  await page.waitForFunction(() => document.querySelector('[data-class="all"] [data-part="rate"]')?.textContent !== "–");
  await page.route(FIGURES, async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    for (const ofClass of told.totals.classes) ofClass.answered += 1_000_000;
    await route.fulfill({ response, json: { ...told, process: "another" } });
  });
  await state(page).filter({ hasText: /Another server process answers since \d\d:\d\d:\d\d/ }).waitFor();
  const rate = page.locator('[data-class="all"] [data-part="rate"]');
  await rate.filter({ hasText: /^\d/ }).waitFor();
  assert.ok(Number((await rate.innerText()).replace(",", "")) < 1_000, "nobody asked a million times");
  await page.unrouteAll({ behavior: "wait" });
  await person.leave();
});

test("without scripts the page shows the figures of the moment and loads newer ones", async () => {
  const person = await invigilator({ javaScriptEnabled: false });
  const { page } = person;
  await page.goto(PAGE);
  assert.equal(await page.locator("[data-chart]:visible").count(), 0, "nothing that only a script can draw");
  assert.match(await page.locator("#window").innerText(), /since the start/);
  const before = Number(await page.locator('[data-class="probe"] [data-part="answered"]').innerText());
  await page.getByRole("link", { name: "Load newer figures" }).click();
  await page.waitForLoadState();
  assert.ok(Number(await page.locator('[data-class="probe"] [data-part="answered"]').innerText()) > before);
  await person.leave();
});

test("a server that does not answer is told as such, with the time of the last figures", async () => {
  const person = await invigilator();
  const { page, watch } = person;
  watch.expect(/failed: .*figures|console: .*figures|net::ERR/);
  await page.goto(PAGE);
  await state(page).filter({ hasText: "by themselves" }).waitFor();
  process.kill(hall.pid, "SIGSTOP");
  try {
    await state(page).filter({ hasText: "the server does not answer" }).waitFor();
  } finally {
    process.kill(hall.pid, "SIGCONT");
  }
  await state(page).filter({ hasText: "by themselves" }).waitFor();
  assert.ok(await page.locator("#is-ready").isVisible());

  await hall.stop();
  await state(page).filter({ hasText: "the server does not answer" }).waitFor();
  const [, since] = /since (\d\d:\d\d:\d\d):/.exec(await state(page).innerText()) ?? [];
  assert.equal(await page.locator("#as-of").innerText(), `As of ${since}`);
  assert.ok(await page.locator("#is-unknown").isVisible() && !(await page.locator("#is-ready").isVisible()));
  assert.deepEqual(await findings(page), []);
  await person.leave();
});
