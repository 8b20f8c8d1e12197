// Reading the pages in another language: choosing one, sitting an exam in it, and what running from right to left means.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, arrive, launch, somebody } from "../lib/browser.mjs";
import { EVERY_KIND } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { answer, waitForSaveState } from "../lib/sitting.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const ARABIC_DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/;

const documentLanguage = (page) => page.evaluate(() => document.documentElement.lang);
const left = async (locator) => (await locator.boundingBox()).x;

/** Somebody with an open attempt at the exam with every kind of question, on the first question that is wanted. */
async function sittingIn(locale, wanted = () => true, options = {}) {
  const ana = await arrive(browser, hall.base, { locale, ...options });
  await ana.api("POST", "/accounts", somebody("Ana Costa"));
  const attempt = await ana.api("POST", `/exams/${EVERY_KIND.slug}/attempts`, {});
  const question = attempt.questions.find(wanted);
  await ana.page.goto(`/attempts/${attempt.id}?question=${question.number}`);
  return { ...ana, id: attempt.id, question };
}

for (const withScripts of [true, false]) {
  test(`a language is chosen in the footer and kept, ${withScripts ? "with" : "without"} scripts`, async () => {
    const guest = await arrive(browser, hall.base, { locale: "en-GB", javaScriptEnabled: withScripts });
    const { page } = guest;
    await page.goto("/exams/cloud-fundamentals");
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.getByRole("form", { name: "Language" }).getByRole("button", { name: "Deutsch" }).click();
    await page.waitForURL("/exams/cloud-fundamentals");
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    await page.getByRole("link", { name: "Anmelden und beginnen" }).click();
    await page.waitForURL(/\/sign-in/);
    assert.equal(await page.locator("h1").innerText(), "Anmelden");
    const current = page.getByRole("form", { name: "Sprache" }).locator("[aria-current]");
    assert.equal(await current.innerText(), "Deutsch");
    await guest.leave();
  });
}

test("an exam is sat in German", async () => {
  const ana = await sittingIn("de-AT", ({ kind }) => kind === "short_text");
  const { page } = ana;
  assert.equal(await documentLanguage(page), "de");
  assert.match(await page.locator("h1").innerText(), /^Frage \d$/);
  await answer(page);
  assert.equal(await waitForSaveState(page, "saved"), "Gespeichert");
  assert.equal(await page.locator("#answered-count").innerText(), `1 von ${EVERY_KIND.questions} beantwortet`);
  await ana.leave();
});

for (const withScripts of [true, false]) {
  test(`the language is changed in the middle of a question, and what was typed stays, ${withScripts ? "with" : "without"} scripts`, async () => {
    const ana = await sittingIn("en-GB", ({ kind }) => kind === "short_text", { javaScriptEnabled: withScripts });
    const { page, id, question } = ana;
    await page.locator('input[name="text"]').fill("ls -l");
    await page.getByRole("group", { name: "Language" }).getByRole("button", { name: "Deutsch" }).click();
    await page.locator("html[lang=de]").waitFor();
    assert.equal(await page.locator("h1").innerText(), `Frage ${question.number}`);
    assert.equal(await page.locator('input[name="text"]').inputValue(), "ls -l");
    assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).answers, { [question.number]: { text: "ls -l" } });
    await page.locator('.navigator button[value="review"]').click();
    await page.waitForURL(/review/);
    await page.getByRole("form", { name: "Sprache" }).getByRole("button", { name: "English" }).click();
    await page.locator("html[lang=en]").waitFor();
    await ana.leave();
  });
}

test("an Arabic page runs from right to left", async () => {
  const ana = await sittingIn("ar-EG", ({ kind, multiple }) => kind === "choice" && !multiple);
  const { page } = ana;
  await page.setViewportSize(DESKTOP);
  assert.equal(await documentLanguage(page), "ar");
  assert.ok((await left(page.locator(".navigator"))) < (await left(page.locator(".question"))), "the answer sheet is on the left");
  const option = page.locator(".option").first();
  const isBubbleOnTheRight = async () => (await left(option.locator("input"))) > (await left(option.locator(".option-text")));
  assert.equal(await isBubbleOnTheRight(), false, "an English question runs as it is written");
  await page.locator("#prompt").evaluate((prompt) => prompt.replaceChildren("ما هو؟"));
  assert.equal(await isBubbleOnTheRight(), true, "and so does an Arabic one");
  const turned = await page.locator('.moves :is([value="next"], [value="review"]):visible .icon').evaluate((icon) => getComputedStyle(icon).transform);
  assert.match(turned, /^matrix\(-1,/, "the arrow points to where one goes");
  await option.locator("input").check();
  assert.equal(await waitForSaveState(page, "saved"), "تم الحفظ");
  await ana.leave();
});

test("moments are in the same calendar and digits as the page, and name their zone", async () => {
  for (const locale of ["ar-EG", "ar-SA", "de-DE", "en-US"]) {
    const ana = await arrive(browser, hall.base, { locale, timezoneId: "Africa/Cairo" });
    await ana.api("POST", "/accounts", somebody("Ana Costa"));
    const { started_at: started } = await ana.api("POST", `/exams/${EVERY_KIND.slug}/attempts`, {});
    await ana.page.goto("/results");
    const time = ana.page.locator("main time").first();
    const shown = await time.innerText();
    assert.ok(!ARABIC_DIGITS.test(shown), shown);
    assert.ok(shown.includes(started.slice(0, 4)), `${shown} is in the year of ${started}`);
    assert.match(shown, /GMT|UTC|EET|OEZ|غرينتش/, "the zone is named");
    assert.match(await time.getAttribute("title"), /UTC$/, "and the server's own time is at hand");
    await ana.leave();
  }
});

test("a number typed with Arabic digits is that number", async () => {
  const ana = await sittingIn("ar-EG", ({ kind }) => kind === "numeric");
  const { page, id, question } = ana;
  await page.locator("#number").fill("١٢٠");
  await waitForSaveState(page, "saved");
  await ana.api("POST", `/attempts/${id}/submit`);
  const { questions } = await ana.api("GET", `/attempts/${id}/result`);
  const marked = questions.find(({ number }) => number === question.number);
  assert.deepEqual([marked.correct, marked.response], [true, { number: "١٢٠" }]);
  await ana.leave();
});
