// A computer that several people use: what one of them answered is not there for the next.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, launch } from "../lib/browser.mjs";
import { enrol } from "../lib/candidate.mjs";
import { hall } from "../lib/halls.mjs";
import { submitExam } from "../lib/sitting.mjs";
import { SAVED, atHand, change, chance, fetchAll, open, says } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** How much the device keeps: answers, and pages of attempts. @param {import("playwright-core").Page} page */
const found = (page) =>
  page.evaluate(async () => {
    const answers = await new Promise((resolve, reject) => {
      const request = indexedDB.open("examhall", 1);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        if (!database.objectStoreNames.contains("answers")) return resolve(0);
        const all = database.transaction("answers").objectStore("answers").count();
        all.onsuccess = () => {
          database.close();
          resolve(all.result);
        };
      };
    });
    const marks = Object.keys(localStorage).filter((name) => name.startsWith("examhall.marks.")).length;
    // Styles and scripts are nobody's.
    const pages = (await (await caches.open("examhall-attempts")).keys()).filter(({ url }) => new URL(url).pathname.startsWith("/attempts/"));
    return { answers, marks, isAtHand: pages.length > 0 };
  });

/** Waits until nothing is kept. @param {import("playwright-core").Page} page */
const untilGone = async (page) => {
  for (const until = Date.now() + 20_000; ; ) {
    const kept = await found(page);
    if (kept.answers === 0 && kept.marks === 0 && !kept.isAtHand) return;
    assert.ok(Date.now() < until, JSON.stringify(kept));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Somebody in the middle of an exam with two answers and a flag. */
async function sit() {
  const ana = await arrive(browser, hall.base);
  const exam = await enrol(ana.context, hall);
  await ana.page.goto(exam.address(hall.base, 1));
  await fetchAll(ana.page, 1);
  await atHand(ana.page);
  const random = chance(41);
  for (const number of [1, 2]) {
    await open(ana.page, number);
    await change(ana.page, random);
    await says(ana.page, SAVED);
  }
  await ana.page.locator(".question-tools .flag").click();
  assert.deepEqual(await found(ana.page), { answers: 2, marks: 1, isAtHand: true });
  return { ...ana, exam, random };
}

test("signing out takes everything along that was answered here", async () => {
  const { page, leave } = await sit();
  await page.goto("/dashboard");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/signed-out/);
  await untilGone(page);
  await leave();
});

test("what has not reached the server is not taken along unasked", async () => {
  const { page, context, watch, exam, random, leave } = await sit();
  watch.expect(/failed|ERR_/);
  await context.route("**/answers", (route) => route.abort("connectionreset"));
  // One that has no answer yet: another step at the same one may be none.
  await open(page, 3);
  await change(page, random);
  await says(page, /^Offline: 1 answer kept/);
  await page.close();
  const other = await context.newPage();
  await other.goto("/dashboard");
  await other.getByRole("button", { name: "Sign out" }).click();
  const notice = other.locator("#sign-out-unsent");
  await notice.waitFor();
  assert.match(String(await notice.getByRole("link").getAttribute("href")), new RegExp(exam.attempt.id));
  assert.equal((await found(other)).answers, 3);
  await notice.getByRole("button").click();
  await other.waitForURL(/signed-out/);
  await untilGone(other);
  await leave();
});

test("with the receipt nothing is left here either", async () => {
  const { page, leave } = await sit();
  await page.locator('.navigator [value="review"]').click();
  await page.waitForURL(/review/);
  await submitExam(page);
  await page.waitForURL(/\/result/);
  await untilGone(page);
  await leave();
});
