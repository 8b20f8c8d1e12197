// One exam on several tabs and devices: one of them writes, the others say so, and nobody's answer is lost or replaced unasked.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, launch } from "../lib/browser.mjs";
import { enrol } from "../lib/candidate.mjs";
import { unpack } from "../lib/device.mjs";
import { hall } from "../lib/halls.mjs";
import { lay } from "../lib/line.mjs";
import { SAVED, atHand, change, chance, fetchAll, held, kept, open, says } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const ELSEWHERE = /continued elsewhere/;

/** Somebody in an exam. */
async function sit() {
  const line = await lay(hall.base);
  const ana = await arrive(browser, line.base);
  ana.watch.expect(/ERR_|status 50\d/);
  const exam = await enrol(ana.context, hall);
  await ana.page.goto(exam.address(line.base, 1));
  return { ...ana, exam, line, leave: () => ana.leave().finally(line.takeUp) };
}

/** Signs the same person in on another device. */
async function elsewhere(exam) {
  const other = await arrive(browser, hall.base);
  const { email, password } = exam.person;
  await other.api("POST", "/session", { email, password });
  return other;
}

/** Types, and continues here where the page says that another one has taken over. */
async function typeAndContinue(page, number, random) {
  await open(page, number);
  const response = await change(page, random);
  await says(page, new RegExp(`${SAVED.source}|${ELSEWHERE.source}`));
  const takeOver = page.getByRole("button", { name: "Continue here" });
  if (await takeOver.isVisible()) await takeOver.click();
  await says(page, SAVED);
  return response;
}

test("two tabs take turns, and the one that does not write says so", async () => {
  const { page, context, exam, line, leave } = await sit();
  const random = chance(11);
  const typed = { 1: await typeAndContinue(page, 1, random) };
  const other = await context.newPage();
  await other.goto(exam.address(line.base, 2));
  typed[2] = await typeAndContinue(other, 2, random);
  // The first one has been overtaken; it finds out with what it sends.
  await open(page, 3);
  typed[3] = await change(page, random);
  await says(page, ELSEWHERE);
  assert.deepEqual(Object.keys(await exam.answers()), ["1", "2"]);
  await page.getByRole("button", { name: "Continue here" }).click();
  await says(page, SAVED);
  typed[4] = await typeAndContinue(other, 4, random);
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});

test("a copied tab and the one it was copied from never number their answers alike", async () => {
  const { page, context, exam, leave } = await sit();
  const random = chance(12);
  const typed = { 1: await typeAndContinue(page, 1, random) };
  const [copy] = await Promise.all([context.waitForEvent("page"), page.evaluate(() => void window.open(location.href))]);
  for (const [tab, number] of [
    [copy, 2],
    [page, 3],
    [copy, 4],
    [page, 5],
    [copy, 2],
  ]) {
    typed[number] = await typeAndContinue(tab, number, random);
  }
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});

test("what another device answered meanwhile stays, unless it is answered here again", async () => {
  const { page, exam, line, leave } = await sit();
  const random = chance(13);
  await fetchAll(page, 1);
  const typed = { 1: await typeAndContinue(page, 1, random) };
  line.cut();
  await open(page, 2);
  typed[2] = await change(page, random);
  await says(page, kept(1));

  const other = await elsewhere(exam);
  await other.page.goto(exam.address(hall.base, 3));
  typed[3] = await typeAndContinue(other.page, 3, random);
  typed[1] = await typeAndContinue(other.page, 1, random);

  line.mend();
  await says(page, ELSEWHERE);
  await page.getByRole("button", { name: "Continue here" }).click();
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), typed);
  for (const number of [1, 3]) {
    await open(page, number);
    assert.deepEqual(await held(page), typed[number], "what was answered elsewhere is seen here");
  }
  await other.leave();
  await leave();
});

test("a device that comes back with an old answer does not put it in the place of a newer one unasked", async () => {
  const line = await lay(hall.base);
  const device = await unpack();
  try {
    let page = await device.start();
    const exam = await enrol(page.context(), hall);
    const number = exam.numberOf("numeric");
    await page.goto(exam.address(line.base, number));
    await fetchAll(page, number);
    await atHand(page);
    line.cut();
    await page.locator('input[name="number"]').fill("1");
    await says(page, kept(1));
    await device.kill();

    const other = await elsewhere(exam);
    await other.page.goto(exam.address(hall.base, number));
    await other.page.locator('input[name="number"]').fill("2");
    await says(other.page, SAVED);

    page = await device.start();
    await page.goto(exam.address(line.base, number));
    await says(page, kept(1));
    line.mend();
    await page.locator("#kept-differs").waitFor();
    assert.deepEqual(await exam.answers(), { [number]: { number: "2" } });
    await page.locator("#kept-use").click();
    await says(page, SAVED);
    assert.deepEqual(await exam.answers(), { [number]: { number: "1" } });
    await other.leave();
  } finally {
    await device.discard();
    await line.takeUp();
  }
});

test("an answer whose acknowledgement was lost is nobody else's", async () => {
  const line = await lay(hall.base);
  const device = await unpack();
  try {
    let page = await device.start();
    const exam = await enrol(page.context(), hall);
    const number = exam.numberOf("numeric");
    await page.goto(exam.address(line.base, number));
    await fetchAll(page, number);
    const field = page.locator('input[name="number"]');
    // It comes through, and the answer to it does not.
    await page.route("**/answers", async (route) => {
      // Tried again, it finds the line cut.
      await route.fetch().catch(() => {});
      line.cut();
      await route.abort("connectionreset");
    });
    await field.fill("1");
    await says(page, kept(1));
    await field.fill("12");
    await says(page, kept(1));
    await page.locator("#save-state:not([data-state=saving])").waitFor();
    await device.kill();
    assert.deepEqual(await exam.answers(), { [number]: { number: "1" } });

    page = await device.start();
    line.mend();
    await page.goto(exam.address(line.base, number));
    await says(page, SAVED);
    assert.ok(await page.locator("#kept-differs").isHidden());
    assert.deepEqual(await exam.answers(), { [number]: { number: "12" } });
  } finally {
    await device.discard();
    await line.takeUp();
  }
});
