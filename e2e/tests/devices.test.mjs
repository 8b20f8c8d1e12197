// One exam on several tabs and devices: one of them writes, the others say so, and nobody's answer is lost or replaced unasked.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, launch } from "../lib/browser.mjs";
import { enrol, sitBehindLine } from "../lib/candidate.mjs";
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
const sit = () => sitBehindLine(browser, { there: hall });

/** Signs the same person in on another device. */
async function elsewhere(exam) {
  const other = await arrive(browser, hall.base);
  const { email, password } = exam.person;
  await other.api("POST", "/session", { email, password });
  return other;
}

/** Another device, on which the person has answered a numeric question with 2. @param {number} number */
async function answeredElsewhere(exam, number) {
  const other = await elsewhere(exam);
  await other.page.goto(exam.address(hall.base, number));
  await other.page.locator('input[name="number"]').fill("2");
  await says(other.page, SAVED);
  return other;
}

/** Somebody who has answered a numeric question with 1 here, and with 2 on another device since. */
async function answeredTwice() {
  const ana = await sit();
  const number = ana.exam.numberOf("numeric");
  await ana.page.goto(ana.exam.address(ana.line.base, number));
  const field = ana.page.locator('input[name="number"]');
  await field.fill("1");
  await says(ana.page, SAVED);
  return { ...ana, number, field, other: await answeredElsewhere(ana.exam, number) };
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
  // The first one has been overtaken; it is told so at once.
  await says(page, /^Saved here, and continued elsewhere$/);
  await page.getByRole("button", { name: "Continue here" }).waitFor();
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

/**
 * Somebody on the numeric question of an exam, on a device that can be killed, behind a line that can be cut.
 * @param {(there: { line: Awaited<ReturnType<typeof lay>>, device: Awaited<ReturnType<typeof unpack>>, exam: Awaited<ReturnType<typeof enrol>>,
 *   number: number, page: import("playwright-core").Page }) => Promise<void>} work
 */
async function onDevice(work) {
  const line = await lay(hall.base);
  const device = await unpack(line.base);
  try {
    const page = await device.start();
    const exam = await enrol(page.context(), hall);
    const number = exam.numberOf("numeric");
    await page.goto(exam.address(line.base, number));
    await fetchAll(page, number);
    await work({ line, device, exam, number, page });
    device.check();
  } finally {
    await device.discard();
    await line.takeUp();
  }
}

test("a device that comes back with an old answer does not put it in the place of a newer one unasked", () =>
  onDevice(async ({ line, device, exam, number, page: first }) => {
    await atHand(first);
    line.cut();
    await first.locator('input[name="number"]').fill("1");
    await says(first, kept(1));
    await device.kill();

    const other = await answeredElsewhere(exam, number);

    const page = await device.start();
    await page.goto(exam.address(line.base, number));
    await says(page, kept(1));
    line.mend();
    await page.locator("#kept-differs").waitFor();
    assert.deepEqual(await exam.answers(), { [number]: { number: "2" } });
    await page.locator("#kept-use").click();
    await says(page, SAVED);
    assert.deepEqual(await exam.answers(), { [number]: { number: "1" } });
    await other.leave();
  }));

test("an answer whose acknowledgement was lost is nobody else's", () =>
  onDevice(async ({ line, device, exam, number, page: first }) => {
    const field = first.locator('input[name="number"]');
    // It comes through, and the answer to it does not.
    await first.route("**/answers", async (route) => {
      // Tried again, it finds the line cut.
      await route.fetch().catch(() => {});
      line.cut();
      await route.abort("connectionreset");
    });
    await field.fill("1");
    await says(first, kept(1));
    await field.fill("12");
    await says(first, kept(1));
    await first.locator("#save-state:not([data-state=saving])").waitFor();
    await device.kill();
    assert.deepEqual(await exam.answers(), { [number]: { number: "1" } });

    const page = await device.start();
    line.mend();
    await page.goto(exam.address(line.base, number));
    await says(page, SAVED);
    assert.ok(await page.locator("#kept-differs").isHidden());
    assert.deepEqual(await exam.answers(), { [number]: { number: "12" } });
  }));

/** What somebody is asked about: which question, what this device keeps of it, and what was answered elsewhere. */
const told = (page) => page.locator(".kept-answers :is([data-name], dd)").allInnerTexts();

/** What has the focus. */
const focused = (page) => page.evaluate(() => document.activeElement?.id);

/** Types into one blank of the cloze that is open. */
async function fillBlank(page, index) {
  const field = page.locator('#answer-form [name^="blank."]').nth(index);
  if (await field.evaluate((element) => element.localName === "select")) await field.selectOption({ index: 1 });
  else await field.fill("7");
}

/** Somebody who answers a question on one device that is open on another one, and then there: that is asked about. */
async function answerOnBoth() {
  const { page, exam, line, ...rest } = await sit();
  const number = exam.numberOf("cloze");
  await page.goto(exam.address(line.base, number));
  const other = await elsewhere(exam);
  await other.page.goto(exam.address(hall.base, number));
  await fillBlank(other.page, 0);
  await says(other.page, SAVED);
  const typed = { [number]: await held(other.page) };
  assert.deepEqual(await exam.answers(), typed);
  await fillBlank(page, 1);
  const mine = await held(page);
  await page.locator("#kept-differs").waitFor();
  return { ...rest, page, exam, line, number, other, typed, mine };
}

test("two devices with the same question open: the one that has not seen the other's answer asks before it replaces it", async () => {
  const { page, exam, number, other, typed, mine, leave } = await answerOnBoth();
  assert.deepEqual(await exam.answers(), typed);
  assert.deepEqual(await held(page), typed[number], "it is seen here");
  const [named, here, there] = await told(page);
  assert.equal(named, `Question ${number}`);
  assert.notEqual(here, there, "both are told");
  assert.equal(here?.split(" · ").length, there?.split(" · ").length, "blank by blank");
  await page.locator("#kept-use").click();
  assert.equal(await focused(page), "question-heading", "the notice that is gone took no focus along");
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), { [number]: mine });

  await other.leave();
  await leave();
});

test("two answers of which none was chosen before the end are told as that, and not as late", async () => {
  const { page, exam, line, number, watch, other, typed, leave } = await answerOnBoth();
  await exam.watch("POST", `/attempts/${exam.attempt.id}/submit`);
  // What comes after the end is kept, and refused; nobody is given the questions any more.
  for (const each of [watch, other.watch]) each.expect(/status( of)? 409.*\/(answers|questions)/);
  // As long as it asks, the page looks again soon, and hears of it by itself.
  await page.locator("#attempt-ended").waitFor({ timeout: 60_000 });
  await page.goto(`${line.base}/attempts/${exam.attempt.id}/result`);
  await page.waitForURL(new RegExp(`/result\\?undecided=${number}$`));
  await page.locator(".notice", { hasText: "Different answers were given here and elsewhere" }).getByText(`Question ${number}`, { exact: true }).waitFor();
  assert.ok(await page.getByText("The exam had ended when this device sent").isHidden());
  assert.deepEqual(await exam.answers(), typed);
  await other.leave();
  await leave();
});

test("who continues here is asked about a question that was answered elsewhere meanwhile", async () => {
  const { page, exam, number, field, other, leave } = await answeredTwice();

  await field.fill("3");
  await says(page, ELSEWHERE);
  await page.getByRole("button", { name: "Continue here" }).click();
  assert.equal(await focused(page), "question-heading");
  await page.locator('#kept-differs[role="status"]').waitFor();
  assert.deepEqual(await exam.answers(), { [number]: { number: "2" } });
  assert.equal(await field.inputValue(), "2");
  assert.deepEqual(await told(page), [`Question ${number}`, "3", "2"]);
  await page.locator("#kept-drop").click();
  await says(page, SAVED);
  await field.fill("4");
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), { [number]: { number: "4" } });
  await other.leave();
  await leave();
});

test("a page whose network comes back shows what another device answered meanwhile", async () => {
  const { page, context, exam, line, leave } = await sit();
  const number = exam.numberOf("numeric");
  await page.goto(exam.address(line.base, number));
  const field = page.locator('input[name="number"]');
  await field.fill("1");
  await says(page, SAVED);
  const bubble = (/** @type {number} */ question) => page.locator(`.navigator .cell[value="${question}"] .cell-state`);
  const [part, whole] = [exam.numberOf("cloze"), exam.numberOf("short_text")];
  assert.deepEqual(await Promise.all([part, whole].map((question) => bubble(question).textContent())), [", not answered", ", not answered"]);
  await context.setOffline(true);
  const other = await answeredElsewhere(exam, number);
  await open(other.page, part);
  await fillBlank(other.page, 0);
  await says(other.page, SAVED);
  await open(other.page, whole);
  await change(other.page, chance(47));
  await says(other.page, SAVED);
  await context.setOffline(false);
  await page.waitForFunction(() => /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="number"]'))?.value === "2");
  await bubble(part).filter({ hasText: ", answered in part" }).waitFor();
  await bubble(whole).filter({ hasText: /^, answered$/ }).waitFor();
  await page.locator("#answered-count", { hasText: "2 of " }).waitFor();
  await page.getByText("Answered in part: 1", { exact: true }).waitFor();
  await other.leave();
  await leave();
});

test("an answer that is half typed when another device's comes is asked about, and does not replace it unasked", async () => {
  const { page, context, exam, number, field, other, leave } = await answeredTwice();

  // What the server says of it comes between two keys.
  let isTyped = false;
  await page.route(new RegExp(`/api/v1/attempts/${exam.attempt.id}(\\?|$)`), async (route) => {
    const response = await route.fetch();
    if (!isTyped) await field.fill("3");
    isTyped = true;
    await route.fulfill({ response });
  });
  await context.setOffline(true);
  await context.setOffline(false);
  await says(page, ELSEWHERE);
  assert.ok(isTyped);
  await page.getByRole("button", { name: "Continue here" }).click();
  await page.locator("#kept-differs").waitFor();
  assert.deepEqual(await exam.answers(), { [number]: { number: "2" } });
  await page.locator("#kept-use").click();
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), { [number]: { number: "3" } });
  await other.leave();
  await leave();
});

test("an answer that is typed while one continues here is asked about, and does not replace another device's unasked", async () => {
  const { page, context, exam, number, field, other, leave } = await answeredTwice();
  // Only the pen is told of, and not what the other one has answered.
  const attempt = new RegExp(`/api/v1/attempts/${exam.attempt.id}(\\?|$)`);
  await page.route(attempt, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), answers: { [number]: { number: "1" } } } });
  });
  await context.setOffline(true);
  await context.setOffline(false);
  await says(page, ELSEWHERE);
  await page.unroute(attempt);

  let isTyped = false;
  await page.route(attempt, async (route) => {
    const response = await route.fetch();
    if (!isTyped) await field.fill("3");
    isTyped = true;
    await route.fulfill({ response });
  });
  await page.getByRole("button", { name: "Continue here" }).click();
  await page.locator("#kept-differs").waitFor();
  assert.deepEqual(await exam.answers(), { [number]: { number: "2" } });
  await page.locator("#kept-drop").click();
  await says(page, SAVED);
  assert.equal(await field.inputValue(), "2");
  await other.leave();
  await leave();
});

test("a page whose exam was submitted elsewhere says so, and leads to the result", async () => {
  const { page, exam, line, watch, leave } = await sit();
  watch.expect(/409/);
  const number = exam.numberOf("numeric");
  await page.goto(exam.address(line.base, number));
  await exam.watch("POST", `/attempts/${exam.attempt.id}/submit`);
  await page.locator('input[name="number"]').fill("3");
  await says(page, /^Not saved: this exam has ended$/);
  await page.locator("#attempt-ended").getByRole("link", { name: "Go to the result" }).click();
  await page.waitForURL(/\/result/);
  await leave();
});

test("a page that was left alone finds out by itself that its exam was submitted elsewhere", async () => {
  const { page, context, exam, line, watch, leave } = await sit();
  watch.expect(/409/);
  await page.goto(exam.address(line.base, exam.numberOf("numeric")));
  await page.locator('input[name="number"]').fill("3");
  await says(page, SAVED);
  await exam.watch("POST", `/attempts/${exam.attempt.id}/submit`);
  // As when a phone is taken out of a pocket.
  await context.setOffline(true);
  await context.setOffline(false);
  await page.locator("#attempt-ended").getByRole("link", { name: "Go to the result" }).click();
  await page.waitForURL(/\/result/);
  await leave();
});

test("who continues here and cannot be told yet what was answered elsewhere does not replace it by moving on", async () => {
  const { page, context, exam, number, field, other, leave } = await answeredTwice();
  // It finds out when its network comes back.
  await context.setOffline(true);
  await context.setOffline(false);
  await says(page, /^Saved here, and continued elsewhere$/);
  await other.page.locator('input[name="number"]').fill("3");
  await says(other.page, SAVED);

  const attempt = `**/api/v1/attempts/${exam.attempt.id}?questions=none`;
  await page.route(attempt, (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }));
  const taken = page.waitForResponse((response) => response.url().endsWith("/writers"));
  await page.getByRole("button", { name: "Continue here" }).click();
  await taken;
  const review = page.locator('.navigator button[value="review"]');
  await review.click();
  await page.locator("#not-sent").waitFor();
  await page.unroute(attempt);
  await page.waitForFunction(() => /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="number"]'))?.value === "3");
  await review.click();
  await page.waitForURL(/\/review/);
  assert.deepEqual(await exam.answers(), { [number]: { number: "3" } });
  await other.leave();
  await leave();
});
