// Ways that lead off the page when they lead nowhere just now: one stays where one is, and is told why and what to do.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../lib/browser.mjs";
import { sitBehindLine } from "../lib/candidate.mjs";
import { hall } from "../lib/halls.mjs";
import { SAVED, chance, change, fetchAll, ready, says } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Somebody in an exam. */
const sit = () => sitBehindLine(browser, { there: hall });

test("with the server out of reach and nothing unsaved, a move leads to no page of the browser", async () => {
  const { page, line, leave } = await sit();
  await ready(page);
  line.cut();
  await page.locator('.moves [value="next"]').click();
  await page.locator("#not-sent").waitFor();
  await page.getByRole("heading", { level: 1, name: "Question 1", exact: true }).waitFor();
  line.mend();
  await page.locator('.moves [value="next"]').click();
  await page.getByRole("heading", { level: 1, name: "Question 2", exact: true }).waitFor();
  await leave();
});

test("while the database is away, nobody leaves the exam for a page that says so", async () => {
  const { page, leave } = await sit();
  await fetchAll(page, 1);
  let isAway = true;
  await page.route("**/readyz", (route) => (isAway ? route.fulfill({ status: 503, contentType: "application/json", body: "{}" }) : route.continue()));
  const review = page.locator('.navigator button[value="review"]');
  await review.click();
  await page.locator("#not-sent").waitFor();
  await page.getByRole("heading", { level: 1, name: "Question 1", exact: true }).waitFor();
  isAway = false;
  await review.click();
  await page.waitForURL(/\/review/);
  await leave();
});

test("a server that is busy is said to be busy, and not to be out of reach", async () => {
  const { page, leave } = await sit();
  await fetchAll(page, 1);
  const busy = { status: 503, headers: { "retry-after": "1" }, contentType: "application/problem+json", body: "{}" };
  const [probe, answers] = ["**/readyz", "**/api/v1/attempts/*/answers"];
  await page.route(probe, (route) => route.fulfill(busy));
  const review = page.locator('.navigator button[value="review"]');
  const told = page.locator("#not-sent p:visible");
  await review.click();
  await told.filter({ hasText: "The server is very busy just now, so you stay here." }).waitFor();
  await page.unroute(probe);
  await page.route(answers, (route) => route.fulfill(busy));
  await change(page, chance(48));
  await says(page, /The server is busy/);
  await review.click();
  await told.filter({ hasText: "very busy" }).waitFor();
  await page.unroute(answers);
  await says(page, SAVED);
  await review.click();
  await page.waitForURL(/\/review/);
  await leave();
});

test("whoever is signed in and sits an attempt that the server does not know is told so, and what was answered is sent when it does", async () => {
  const { page, context, watch, exam, leave } = await sit();
  watch.expect(/404/);
  await fetchAll(page, 1);
  const attempt = new RegExp(`/api/v1/attempts/${exam.attempt.id}\\b`);
  await page.route(attempt, (route) => route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" }));
  await change(page, chance(49));
  await says(page, /does not know this attempt/);
  const gone = page.locator("#attempt-gone");
  await gone.filter({ hasText: "on this device only" }).waitFor();
  assert.ok(await page.locator("#sign-in-again").isHidden());
  await page.locator('.navigator button[value="review"]').click();
  await page.waitForFunction(() => document.activeElement?.getAttribute("href") === "/dashboard");
  await page.unroute(attempt);
  await context.setOffline(true);
  await context.setOffline(false);
  await says(page, SAVED);
  await gone.waitFor({ state: "hidden" });
  assert.deepEqual(Object.keys(await exam.answers()), ["1"]);
  await leave();
});

test("signed out, the way to the review leads to signing in, and nobody is said to be out of reach", async () => {
  const { page, context, exam, leave } = await sit();
  await fetchAll(page, 1);
  await context.clearCookies();
  await change(page, chance(46));
  await page.locator("#sign-in-again").waitFor();
  const email = page.locator('#sign-in-again input[name="email"]');
  await page.locator('.navigator button[value="review"]').click();
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.activeElement)?.name === "email");
  assert.ok(await page.locator("#not-sent").isHidden());
  await email.fill(exam.person.email);
  await page.locator('#sign-in-again input[name="password"]').fill(exam.person.password);
  await page.keyboard.press("Enter");
  await says(page, SAVED);
  await page.locator('.navigator button[value="review"]').click();
  await page.waitForURL(/\/review/);
  await leave();
});
