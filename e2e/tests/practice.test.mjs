// A practice: answers are checked on the way, questions bookmarked, and what was missed is drilled; with scripts and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, arrive, assertNothingInline, assertOneHeading, launch, somebody } from "../lib/browser.mjs";
import { PRACTICE } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { answer, answerForm, canonical, kindOf, next, submitExam, waitForSaveState } from "../lib/sitting.mjs";
import { fetchAll, open } from "../lib/typing.mjs";

/** What passes a service worker passes these tests. @type {{ serviceWorkers: "block" }} */
const BY_ROUTE = { serviceWorkers: "block" };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Somebody new at the first question of the practice of every kind. */
async function begin(options = {}) {
  const ana = await arrive(browser, hall.base, { ...BY_ROUTE, ...options });
  await ana.api("POST", "/accounts", somebody());
  const { id, questions } = await ana.api("POST", `/exams/${PRACTICE.slug}/attempts`, {});
  await ana.page.goto(`/attempts/${id}?question=1`);
  return { ...ana, id, questions };
}

const check = (page) => page.getByRole("button", { name: "Check answer" });
const verdict = (page) => page.locator("#check-verdict");
/** The icon of a checked question among all, where that is told to those who do not see it as well. */
const bubble = (page, number, came) =>
  page.getByRole("button", { name: new RegExp(`^Question ${number} ?, answered( in part)? ?, ${came}$`) }).locator("svg");

for (const withScripts of [true, false]) {
  test(`every kind of question is checked on the way ${withScripts ? "with" : "without"} scripts`, async () => {
    const ana = await begin({ javaScriptEnabled: withScripts });
    const { page, id, questions } = ana;
    const given = {};
    for (const { number } of questions) {
      const { kind, response } = await answer(page, { withScripts });
      given[number] = response;
      await check(page).click();
      await verdict(page).waitFor();
      const [, came] = /^(Right|Partly right|Wrong)/.exec(await verdict(page).innerText()) ?? assert.fail(kind);
      await bubble(page, number, came.toLowerCase()).waitFor();
      assert.equal(await page.locator("#next-word").textContent(), "Next", "there is nothing to save");
      // Those that are right are only looked at: what is wrong is said of each part.
      if (kind === "cloze") assert.equal(await page.locator(".part-given .state.wrong", { hasText: "Wrong" }).count(), came === "Wrong" ? 3 : 2);
      assert.equal(await page.locator("h1").innerText(), `Question ${number}`);
      assert.equal(await kindOf(page), "checked");
      await assertOneHeading(page);
      await assertNothingInline(page);
      assert.equal(await answerForm(page).locator("article :is(input:not([type=hidden]), select)").count(), 0, "nothing to answer with");
      if (withScripts) assert.equal(await waitForSaveState(page, "saved"), "Checked");
      const { answers, checked } = await ana.api("GET", `/attempts/${id}`);
      assert.deepEqual(canonical(answers), given, "the answer on the page is the one that was checked");
      assert.deepEqual(checked.map((one) => one.number), questions.slice(0, number).map((one) => one.number));
      await next(page);
      if (number < questions.length) await page.waitForURL(`/attempts/${id}?question=${number + 1}`);
    }
    await page.waitForURL(`/attempts/${id}/review`);
    await page.goto(`/attempts/${id}?question=1`);
    await page.getByRole("button", { name: "Bookmark", exact: false }).click();
    await page.getByRole("button", { name: "Remove bookmark" }).waitFor();
    assert.equal(await page.locator("h1").innerText(), "Question 1");

    await page.goto(`/attempts/${id}/review`);
    await submitExam(page);
    await page.waitForURL(`/attempts/${id}/result*`);
    await page.getByRole("button", { name: "What you bookmarked (1)" }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/attempts/") && !url.pathname.includes(id));
    assert.match(await page.locator(".exam-bar-question").innerText(), /of 1$/, "only that one is asked");
    await ana.leave();
  });
}

test("within the page, what was checked stays checked, and what was not can be answered", async () => {
  const ana = await begin();
  const { page, id } = ana;
  await answer(page);
  await check(page).click();
  await verdict(page).waitFor();
  await next(page);
  await page.waitForURL(`/attempts/${id}?question=2`);
  await check(page).waitFor();
  assert.equal(await verdict(page).count(), 0);
  const leadsOn = page.locator("#next-word");
  assert.equal(await leadsOn.textContent(), "Save and next");
  const { response } = await answer(page);
  await waitForSaveState(page, "saved");
  await page.locator('.moves [value="previous"]').click();
  await verdict(page).waitFor();
  assert.equal(await waitForSaveState(page, "saved"), "Checked");
  assert.equal(await leadsOn.textContent(), "Next");
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers)["2"], response);
  await ana.leave();
});

test("whoever checks what is not answered is told to answer it, at once and without the server", async () => {
  const ana = await begin();
  const { page } = ana;
  let posts = 0;
  await page.route("**/attempts/*/questions/*", (route) => {
    posts += 1;
    return route.continue();
  });
  await page.setViewportSize({ ...PHONE, height: 500 });
  await check(page).click();
  const told = page.locator('#check-unanswered[role="status"]');
  await told.waitFor();
  const edge = async (locator, side) => locator.evaluate((element, at) => element.getBoundingClientRect()[at], side);
  assert.ok((await edge(told, "bottom")) <= (await edge(page.locator(".moves"), "top")), "it is not behind what sticks to the foot");
  assert.equal(await told.innerText(), "Answer the question first, then check it.");
  assert.equal(posts, 0);
  await answer(page);
  await told.waitFor({ state: "hidden" });
  await check(page).click();
  await verdict(page).waitFor();
  await ana.leave();
});

test("whoever checks what is answered in part is told once, and may have it checked as it is", async () => {
  const ana = await begin();
  const { page, id, questions } = ana;
  const number = questions.find(({ kind }) => kind === "matching").number;
  await page.goto(`/attempts/${id}?question=${number}`);
  const selects = page.locator('select[name^="match."]');
  await selects.first().selectOption({ index: 1 });
  await waitForSaveState(page, "saved");
  await check(page).click();
  const told = page.locator('#check-partly[role="status"]');
  await told.waitFor();
  for (const select of await selects.all()) await select.selectOption({ index: 1 });
  await told.waitFor({ state: "hidden" });
  await selects.last().selectOption({ index: 0 });
  await waitForSaveState(page, "saved");
  // A double click is no second thought.
  await check(page).dblclick();
  await told.waitFor();
  const since = await page.evaluate(() => performance.now());
  assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).checked ?? [], []);
  await page.waitForFunction((at) => performance.now() - at > 1_000, since);
  await check(page).click();
  await verdict(page).waitFor();
  await ana.leave();
});

test("in Arabic, what was right runs from right to left up to an answer in English", async () => {
  const ana = await begin({ locale: "ar-EG" });
  const { page, id, questions } = ana;
  await page.goto(`/attempts/${id}?question=${questions.find(({ kind }) => kind === "cloze").number}`);
  await answer(page);
  await page.locator("#check-answer").click();
  await page.locator("#check-verdict").waitFor();
  const places = await page.locator(".part-right", { hasText: "ice" }).evaluate((line) => {
    const words = /** @type {Text} */ (document.createTreeWalker(line, NodeFilter.SHOW_TEXT).nextNode());
    const left = (/** @type {number} */ at) => {
      const range = document.createRange();
      range.setStart(words, at);
      range.setEnd(words, at + 1);
      return range.getBoundingClientRect().left;
    };
    return [left(0), left(words.data.indexOf(":")), line.querySelector("strong")?.getBoundingClientRect().left ?? 0];
  });
  assert.deepEqual(places, places.toSorted((a, b) => b - a), "the words, the colon, the answer");
  await ana.leave();
});

test("without a network an answer is kept, and checking says what it takes", async () => {
  const ana = await begin();
  const { page, context, id } = ana;
  ana.watch.expect(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  const { response } = await answer(page);
  await check(page).click();
  const told = page.locator("#check-not-sent");
  await told.waitFor();
  assert.match(await told.innerText(), /takes the network/);
  assert.equal(await verdict(page).count(), 0);
  await context.setOffline(false);
  await waitForSaveState(page, "saved");
  await told.waitFor({ state: "hidden" });
  await check(page).click();
  await verdict(page).waitFor();
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers)["1"], response);
  await ana.leave();
});

test("a change in another tab of what was checked meanwhile is kept as evidence, and the tab says so", async () => {
  const ana = await begin();
  const { page, context, id, questions } = ana;
  const number = questions.find(({ kind }) => kind === "choice").number;
  await page.goto(`/attempts/${id}?question=${number}`);
  const { response } = await answer(page);
  await waitForSaveState(page, "saved");
  await fetchAll(page, number);
  await context.request.post(`/api/v1/attempts/${id}/questions/${number}/check`, {
    data: { writer: (await ana.api("GET", `/attempts/${id}`)).writer },
  });
  const renewed = page.waitForResponse((answered) => answered.url().endsWith("/questions"));
  await answerForm(page).locator('input[name="choice"]').first().check();
  await page.locator("#save-state .save-text", { hasText: "Checked" }).waitFor();
  await bubble(page, number, "(right|partly right|wrong)").waitFor();
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers)[number], response);
  // What is shown of it next takes no answer any more.
  await renewed;
  await open(page, number === 1 ? 2 : 1);
  await open(page, number);
  await answerForm(page).getByText("This answer stays as it is.").waitFor();
  assert.equal(await answerForm(page).locator('input[name="choice"]').count(), 0);
  await ana.leave();
});
