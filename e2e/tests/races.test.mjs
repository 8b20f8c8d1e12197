// Saves and forms that overtake each other, and the end of the time: what counts is what the person did last, in time.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { arrive, launch, signUp } from "../lib/browser.mjs";
import { EVERY_KIND, SHORT } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { answer, next, sitting, waitForSaveState } from "../lib/sitting.mjs";

const ANSWERS = "**/api/v1/attempts/*/answers";
/** What passes a service worker passes these tests. @type {{ serviceWorkers: "block" }} */
const BY_ROUTE = { serviceWorkers: "block" };
const WRITERS = "**/api/v1/attempts/*/writers";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A promise and what settles it. */
function signal() {
  let settle = () => {};
  const promise = new Promise((resolve) => {
    settle = () => resolve(undefined);
  });
  return { promise, settle };
}

const option = (page, letter) => page.locator(`input[name="choice"][value="${letter}"]`);
const isOne = (question) => question.kind === "choice" && !question.multiple;

/** Waits until the server holds what is wanted; the page itself has moved on. */
async function untilAnswered({ api }, id, wanted) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (isDeepStrictEqual((await api("GET", `/attempts/${id}`)).answers, wanted)) return;
    await sleep(100);
  }
  assert.deepEqual((await api("GET", `/attempts/${id}`)).answers, wanted);
}

test("an answer given by Next outlives an older save that comes late", async () => {
  const ana = await sitting(browser, hall, isOne, BY_ROUTE);
  const { page, id, number } = ana;
  ana.watch.expect(/503/);
  const arrived = signal();
  const late = signal();
  const held = signal();
  let saves = 0;
  await page.route(ANSWERS, async (route) => {
    saves += 1;
    // The first finds a busy server; the second is on its way until the form is long saved.
    if (saves === 1) return route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" });
    if (saves > 2) return route.continue();
    held.settle();
    await late.promise;
    // The page it came from is gone: sent by the test, as the network would still deliver it.
    const { headers, ...request } = { headers: route.request().headers(), data: route.request().postData() };
    const response = await ana.context.request.fetch(route.request().url(), {
      method: "PUT",
      headers: { "content-type": headers["content-type"], origin: hall.base },
      data: request.data,
    });
    assert.equal(response.status(), 200);
    arrived.settle();
    await route.abort("aborted").catch(() => {});
  });
  await option(page, "c").check();
  await waitForSaveState(page, "waiting");
  await option(page, "b").check();
  await held.promise;
  await option(page, "a").check();
  // From the last question Next leads to the review, which waits for the save that hangs.
  if (number === EVERY_KIND.questions) await page.locator('.moves [value="previous"]').click();
  else await next(page);
  await page.waitForURL((url) => url.search !== `?question=${number}`);
  late.settle();
  await arrived.promise;
  await untilAnswered(ana, id, { [number]: { choice: ["a"] } });
  await ana.leave();
});

test("the first answer of a tab counts, however soon Next is pressed", async () => {
  const ana = await sitting(browser, hall, isOne, BY_ROUTE);
  const { page, id, number } = ana;
  const asked = signal();
  const answered = signal();
  await page.route(WRITERS, async (route) => {
    const response = await route.fetch();
    asked.settle();
    await answered.promise;
    await route.fulfill({ response });
  });
  await option(page, "b").check();
  await next(page);
  await asked.promise;
  answered.settle();
  // From a last question that is the review.
  await page.waitForURL((url) => url.searchParams.get("question") !== String(number));
  assert.equal(new URL(page.url()).searchParams.get("notice"), null);
  // Within the page, one moves on while it is on its way.
  await untilAnswered(ana, id, { [number]: { choice: ["b"] } });
  await ana.leave();
});

test("what waits behind a save under way is warned about, and sent when the page goes", async () => {
  const ana = await sitting(browser, hall, isOne, BY_ROUTE);
  const { page, id, number } = ana;
  const held = signal();
  await page.route(ANSWERS, async (route) => {
    if (route.request().postDataJSON().operations[0].response.choice[0] === "a") {
      held.settle();
      // For ever under way, as far as this page can tell.
      return;
    }
    await route.continue();
  });
  await option(page, "a").check();
  await held.promise;
  await option(page, "b").check();
  /** @type {string[]} */
  const warnings = [];
  page.once("dialog", (dialog) => {
    warnings.push(dialog.type());
    return dialog.accept();
  });
  await page.goto("/exams");
  assert.deepEqual(warnings, ["beforeunload"]);
  await untilAnswered(ana, id, { [number]: { choice: ["b"] } });
  await ana.leave();
});

test("the count and the bubble say what is saved, in part or whole, also to those who do not see it", async () => {
  const ana = await sitting(browser, hall, (question) => question.multiple, BY_ROUTE);
  const { page, id, number } = ana;
  const cell = page.locator(".cell[aria-current]");
  const says = async (count, partly, words, look) => {
    assert.equal(await page.locator("#answered-count").innerText(), `${count} of ${EVERY_KIND.questions} answered`);
    assert.equal(await page.locator("#partly-count").isVisible() && (await page.locator("#partly-count").innerText()), partly && `Answered in part: ${partly}`);
    assert.equal(await cell.textContent(), `Question ${number}, ${words}`);
    assert.match(await cell.getAttribute("class"), look);
  };
  await says(0, false, "not answered", /^cell$/);
  await option(page, "a").check();
  await waitForSaveState(page, "saved");
  await says(0, 1, "answered in part", /partly/);
  await page.reload();
  await says(0, 1, "answered in part", /partly/);
  await page.goto(`/attempts/${id}/review`);
  assert.match(await page.locator(`.review-list li:nth-child(${number})`).innerText(), /Answered in part/);
  assert.match(await page.locator("main").innerText(), /1 question is answered in part/);
  await page.goBack();
  await option(page, "c").check();
  await waitForSaveState(page, "saved");
  await says(1, false, "answered", /answered/);
  await option(page, "a").uncheck();
  await option(page, "c").uncheck();
  await waitForSaveState(page, "idle");
  await says(0, false, "not answered", /^cell *$/);
  await ana.leave();
});

test("the page hands in by itself, never before the deadline, however slow the last save was", async () => {
  const ana = await arrive(browser, hall.base, BY_ROUTE);
  const { page } = ana;
  await signUp(page);
  const { id, deadline } = await ana.api("POST", `/exams/${SHORT.slug}/attempts`, {});
  await page.goto(`/attempts/${id}`);
  await page.route(ANSWERS, async (route) => {
    // A long way up: the server's time in the answer is that of its arrival.
    await sleep(4_000);
    await route.continue();
  });
  await answer(page);
  await waitForSaveState(page, "saved");
  await page.waitForURL((url) => url.pathname.endsWith("/result"));
  const result = await ana.api("GET", `/attempts/${id}/result`);
  assert.deepEqual([result.state, result.submitted_at], ["expired", deadline]);
  await ana.leave();
});
