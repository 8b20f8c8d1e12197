// From signing up to the dashboard, with scripts and without, on every database.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, assertNothingInline, assertOneHeading, launch, signUp } from "../lib/browser.mjs";
import { halls } from "../lib/halls.mjs";
import { EVERY_KIND } from "../lib/hall.mjs";
import { KINDS, answer, attemptId, canonical, fields, next, submitExam, waitForSaveState } from "../lib/sitting.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const [database, hall] of Object.entries(halls)) {
  for (const withScripts of [true, false]) {
    const how = `${withScripts ? "with" : "without"} scripts, on ${database}`;
    test(`the whole journey of a practice, ${how}`, () => practise(hall, withScripts));
    test(`an exam with every kind of question, ${how}`, () => sitEveryKind(hall, withScripts));
  }
}

const QUESTIONS = 20;
/** Left without an answer. */
const LEFT_OUT = [4, 11];

async function practise(hall, withScripts) {
  const ana = await arrive(browser, hall.base, { javaScriptEnabled: withScripts });
  const { page } = ana;

  await page.goto("/");
  await assertPage(page);
  await page.locator(".hero").getByRole("link", { name: "Create an account" }).click();
  await assertPage(page);
  await signUp(page);
  await assertPage(page);
  assert.match(await page.locator("h1").innerText(), /^Hello, Ana/);

  await page.getByRole("link", { name: "Exams", exact: true }).click();
  await page.waitForURL("/exams");
  await assertPage(page);
  const cards = page.locator(".exam-card");
  assert.ok((await cards.count()) >= 6, "the demo's exams are there");
  await cards.getByRole("link", { name: "Cloud fundamentals: practice" }).click();
  await assertPage(page);

  await page.locator(`input[name="question_count"][value="${QUESTIONS}"]`).check();
  await page.getByRole("button", { name: "Start practice" }).click();
  await page.waitForURL("/attempts/*");
  const id = attemptId(page);
  const given = {};
  for (let number = 1; number <= QUESTIONS; number += 1) {
    assert.equal(await page.locator("h1").innerText(), `Question ${number}`);
    await assertPage(page);
    if (!LEFT_OUT.includes(number)) {
      const { response } = await answer(page, { withScripts });
      given[number] = response;
      if (withScripts) assert.equal(await waitForSaveState(page, "saved"), "Saved");
    }
    if (number === 3) {
      if (!withScripts) await saveAndComeBack(page, id, number);
      await assertReloadKeeps(page);
      assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers), given, "the API holds what was saved");
    }
    if (number < QUESTIONS) await next(page);
    else await page.locator(".moves").getByRole("button", { name: "Review and submit" }).click();
    const expected = number < QUESTIONS ? `/attempts/${id}?question=${number + 1}` : `/attempts/${id}/review`;
    await page.waitForURL((url) => url.pathname + url.search === expected);
  }

  const answered = QUESTIONS - LEFT_OUT.length;
  await assertPage(page);
  const figures = await page.locator(".figure:visible").allInnerTexts();
  assert.match(figures[0], new RegExp(`Answered\\s+${answered}$`));
  assert.match(figures[1], new RegExp(`Not answered\\s+${LEFT_OUT.length}$`));
  const states = await page.locator(".review-list .state").allInnerTexts();
  assert.equal(states.length, QUESTIONS);
  const open = states.flatMap((state, index) => (state.trim() === "Not answered" ? [index + 1] : []));
  assert.deepEqual(open, LEFT_OUT);
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers), given);

  await submitExam(page);
  await page.waitForURL((url) => url.pathname === `/attempts/${id}/result`);
  await assertPage(page);
  assert.match(await page.getByRole("status").innerText(), new RegExp(`We have ${answered} of ${QUESTIONS} answers`));
  await assertResult(ana, id, QUESTIONS);

  await page.getByRole("link", { name: "All my results" }).click();
  await page.waitForURL("/results");
  await assertPage(page);
  const row = page.locator(".row");
  assert.equal(await row.count(), 1);
  assert.match(await row.innerText(), /Cloud fundamentals: practice[\s\S]*18 of 20 answered/);
  assert.equal(await row.getByRole("link").getAttribute("href"), `/attempts/${id}/result`);

  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.waitForURL("/dashboard");
  await assertPage(page);
  const progress = await page.locator(".figure").allInnerTexts();
  assert.ok(progress.some((figure) => /Finished\s+1$/.test(figure)), progress.join("; "));
  assert.ok(progress.some((figure) => new RegExp(`Questions answered\\s+${answered}$`).test(figure)), progress.join("; "));

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("/sign-in?signed-out");
  await assertPage(page);
  await page.goto(`/attempts/${id}/result`);
  assert.equal(new URL(page.url()).pathname, "/sign-in", "a result is not shown to those who are not signed in");
  await ana.leave();
}

async function sitEveryKind(hall, withScripts) {
  const ana = await arrive(browser, hall.base, { javaScriptEnabled: withScripts });
  const { page } = ana;
  await signUp(page);
  await page.goto(`/exams/${EVERY_KIND.slug}`);
  await page.getByRole("button", { name: "Start exam" }).click();
  await page.waitForURL("/attempts/*");
  const id = attemptId(page);
  const given = {};
  const kinds = new Set();
  for (let number = 1; number <= EVERY_KIND.questions; number += 1) {
    await page.goto(`/attempts/${id}?question=${number}`);
    await assertPage(page);
    assert.match(await page.locator(".clock-value").innerText(), /^(39|40):\d\d$/);
    const { kind, response } = await answer(page, { withScripts });
    given[number] = response;
    kinds.add(kind);
    if (withScripts) await waitForSaveState(page, "saved");
    else await saveAndComeBack(page, id, number);
    await assertReloadKeeps(page);
    assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers), given, `${kind} is saved`);
  }
  assert.deepEqual([...kinds].sort(), [...KINDS].sort(), "every kind was on the paper");

  // One answer is taken back, and given again.
  await page.goto(`/attempts/${id}?question=2`);
  await page.getByRole("button", { name: "Clear answer" }).click();
  if (withScripts) assert.equal(await waitForSaveState(page, "idle"), "Cleared");
  else await page.waitForURL(/notice=cleared/);
  assert.equal((await ana.api("GET", `/attempts/${id}`)).answers[2], undefined);
  const again = await answer(page, { withScripts });
  if (withScripts) await waitForSaveState(page, "saved");
  else await next(page);
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers)[2], again.response);

  await page.goto(`/attempts/${id}/review`);
  await submitExam(page);
  await page.waitForURL((url) => url.pathname === `/attempts/${id}/result`);
  await assertPage(page);
  await assertResult(ana, id, EVERY_KIND.questions);
  // The question in numbers and the one in words were answered rightly.
  await page.getByRole("link", { name: `All ${EVERY_KIND.questions}` }).click();
  await page.waitForURL(/show=all/);
  const { questions } = await ana.api("GET", `/attempts/${id}/result`);
  for (const { number, response } of questions) {
    if (response?.number || response?.text) {
      assert.match(await page.locator(`#question-${number} .reviewed-head .state`).innerText(), /Right/);
    }
  }
  await page.goto(`/attempts/${id}`);
  assert.equal(new URL(page.url()).pathname, `/attempts/${id}/result`, "a finished attempt leads to its result");
  await ana.leave();
}

async function assertPage(page) {
  await assertOneHeading(page);
  await assertNothingInline(page);
}

/** Without scripts, an answer is saved by moving on. */
async function saveAndComeBack(page, id, number) {
  await page.locator(".moves button.button:not(.quiet):visible").click();
  await page.waitForURL((url) => url.search !== `?question=${number}` || url.pathname.endsWith("/review"));
  await page.goto(`/attempts/${id}?question=${number}`);
}

async function assertReloadKeeps(page) {
  const held = await fields(page);
  await page.reload();
  assert.deepEqual(await fields(page), held, "a reload keeps the answer");
  assert.match(await page.locator(".cell[aria-current]").getAttribute("class"), /answered/);
}

/** The result page says what the API says, explains, and shows only what was missed when asked to. */
async function assertResult(person, id, count) {
  const { page } = person;
  const result = await person.api("GET", `/attempts/${id}/result`);
  // Never rounded up: nobody reads a pass mark that was not reached.
  const percent = Math.floor(Math.round(result.percent * 100) / 10) / 10;
  assert.equal(parseFloat(await page.locator(".score-figure").innerText()), percent);
  assert.equal(await page.locator(".review-sheets > li").count(), count);
  assert.equal(await page.locator(".explanation").count(), count, "every question of the demo is explained");

  const missed = result.questions.filter((question) => question.correct !== true).map((question) => question.number);
  await page.getByRole("link", { name: `Missed ${missed.length}` }).click();
  await page.waitForURL(/show=missed/);
  await assertPage(page);
  const shown = await page.locator(".review-sheets > li").evaluateAll((sheets) => sheets.map((sheet) => sheet.id));
  assert.deepEqual(shown, missed.map((number) => `question-${number}`));
}
