// What "Saved" means, and what happens when saving does not work.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PHONE, arrive, launch, signUp } from "../lib/browser.mjs";
import { EVERY_KIND } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { answer, attemptId, canonical, fields, next, waitForSaveState } from "../lib/sitting.mjs";

/** What passes a service worker passes these tests. @type {{ serviceWorkers: "block" }} */
const BY_ROUTE = { serviceWorkers: "block" };
const ANSWERS = "**/api/v1/attempts/*/answers";
const KEPT = "Offline: 1 answer kept on this device";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Somebody on a question of an exam: the first, or the one of a kind. */
async function sitting(kind, options = {}) {
  const ana = await arrive(browser, hall.base, { ...BY_ROUTE, ...options });
  await signUp(ana.page);
  await ana.page.goto(`/exams/${EVERY_KIND.slug}`);
  await ana.page.getByRole("button", { name: "Start exam" }).click();
  await ana.page.waitForURL("/attempts/*");
  const id = attemptId(ana.page);
  let number = 1;
  if (kind) {
    const { questions } = await ana.api("GET", `/attempts/${id}`);
    number = questions.find((question) => question.kind === kind).number;
    await ana.page.goto(`/attempts/${id}?question=${number}`);
  }
  return { ...ana, id, number };
}

test("Saved is said only after the server has answered", async () => {
  const ana = await sitting();
  const { page } = ana;
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  let arrived = () => {};
  const committed = new Promise((resolve) => {
    arrived = () => resolve(undefined);
  });
  await page.route(ANSWERS, async (route) => {
    const response = await route.fetch();
    arrived();
    await held;
    await route.fulfill({ response });
  });
  const { response } = await answer(page);
  await committed;
  await sleep(500);
  assert.equal(await page.locator("#save-state .save-text").innerText(), "Saving");
  assert.equal(await page.locator("#save-state").getAttribute("data-state"), "saving");
  assert.doesNotMatch(await page.locator(".cell[aria-current]").getAttribute("class"), /answered/);
  release();
  assert.equal(await waitForSaveState(page, "saved"), "Saved");
  assert.match(await page.locator(".cell[aria-current]").getAttribute("class"), /answered/);
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${ana.id}`)).answers), { 1: response });
  await ana.leave();
});

/** The device may need a moment to keep it, and nothing else is said until it does. */
async function saysKept(page) {
  await waitForSaveState(page, "waiting");
  await page.locator("#save-state .save-text").filter({ hasText: KEPT }).waitFor();
}

test("a save that fails says so, is tried again, and then is saved", async () => {
  const ana = await sitting();
  const { page } = ana;
  ana.watch.expect(/answers \(net::ERR_INTERNET_DISCONNECTED\)|ERR_INTERNET_DISCONNECTED/);
  await page.route(ANSWERS, (route) => route.abort("internetdisconnected"));
  const { response } = await answer(page);
  await saysKept(page);
  assert.deepEqual((await ana.api("GET", `/attempts/${ana.id}`)).answers, {});

  // Moving on takes it along.
  const held = await fields(page);
  await next(page);
  await page.waitForURL(/question=2/);
  await saysKept(page);
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Question 1", exact: true }).waitFor();
  assert.deepEqual(await fields(page), held, "the answer is still there");

  await page.unroute(ANSWERS);
  assert.equal(await waitForSaveState(page, "saved"), "Saved");
  await next(page);
  await page.waitForURL(/question=2/);
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${ana.id}`)).answers), { 1: response });
  await ana.leave();
});

test("a refusal under load is waited out", async () => {
  const ana = await sitting("numeric");
  const { page, id, number } = ana;
  ana.watch.expect(/503/);
  let isBusy = true;
  let refusals = 0;
  await page.route(ANSWERS, async (route) => {
    if (!isBusy) return route.continue();
    refusals += 1;
    const problem = { status: 503, headers: { "retry-after": "1" }, contentType: "application/problem+json", body: "{}" };
    return route.fulfill(problem);
  });
  const { response } = await answer(page);
  assert.equal(await waitForSaveState(page, "waiting"), "The server is busy: 1 answer kept on this device, trying again");
  isBusy = false;
  assert.equal(await waitForSaveState(page, "saved"), "Saved");
  assert.ok(refusals >= 1);
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers), { [number]: response });
  await ana.leave();
});

test("overtaken by another device, a page says so and can take over again", async () => {
  const ana = await sitting("numeric");
  const { page, id, number } = ana;
  const field = page.locator('input[name="number"]');
  await field.fill("1");
  await waitForSaveState(page, "saved");

  const { writer } = await ana.api("POST", `/attempts/${id}/writers`);
  const elsewhere = { [number]: { number: "7" } };
  const operations = [{ seq: 1, question: number, response: elsewhere[number] }];
  assert.deepEqual((await ana.api("PUT", `/attempts/${id}/answers`, { writer, operations })).acknowledged, [1]);

  await field.fill("2");
  assert.match(await waitForSaveState(page, "failed"), /continued elsewhere/);
  assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).answers, elsewhere);
  await page.getByRole("button", { name: "Continue here" }).click();
  // The other device has answered the same question: nobody but the person knows which one is meant.
  await page.locator("#kept-use").click();
  await page.locator("#kept-differs").waitFor({ state: "hidden" });
  await waitForSaveState(page, "saved");
  assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).answers, { [number]: { number: "2" } });
  await ana.leave();
});

test("of two tabs, neither shows Saved for an answer that does not count", async () => {
  const ana = await sitting("numeric");
  const { page, id, number } = ana;
  const other = await ana.context.newPage();
  await other.goto(page.url());
  const save = async (tab, value) => {
    await tab.locator('input[name="number"]').fill(value);
    await tab.locator('input[name="number"]').blur();
    await tab.locator('#save-state:is([data-state="saved"], [data-state="failed"])').waitFor();
    await tab.waitForLoadState("networkidle");
  };
  await save(other, "8");
  await save(other, "9");
  await save(page, "8");
  const saved = (await page.locator("#save-state").getAttribute("data-state")) === "saved";
  const { answers } = await ana.api("GET", `/attempts/${id}`);
  const shown = await page.locator('input[name="number"]').inputValue();
  assert.equal(answers[number].number, saved ? shown : "9", "what the first tab shows and calls saved counts");
  // It has not put its own in the place of what the other one answered, and asks.
  assert.equal(shown, "9");
  await page.locator("#kept-differs").waitFor();
  await ana.leave();
});

test("signed out in the middle, the answer waits for signing in again", async () => {
  const ana = await sitting();
  const { page } = ana;
  ana.watch.expect(/401/);
  const cookies = await ana.context.cookies();
  await ana.context.clearCookies();
  const { response } = await answer(page);
  assert.match(await page.locator('#save-state[data-state="waiting"] .save-text').innerText(), /signed out/);
  await ana.context.addCookies(cookies);
  assert.equal(await waitForSaveState(page, "saved"), "Saved");
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${ana.id}`)).answers), { 1: response });
  await ana.leave();
});

test("what cannot be read as a number is said to be none, once it is typed to its end", async () => {
  const ana = await sitting("numeric");
  const { page } = ana;
  const field = page.locator("#number");
  const note = page.getByText("This cannot be read as a number");
  await field.pressSequentially("1,000,000");
  assert.ok(await note.isHidden(), "nobody is interrupted");
  await field.blur();
  await note.waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await waitForSaveState(page, "saved");

  await page.reload();
  await note.waitFor();
  await field.fill("1000000");
  await note.waitFor({ state: "hidden" });
  assert.equal(await field.getAttribute("aria-invalid"), null);
  await field.fill("-");
  await field.blur();
  await note.waitFor();
  await page.getByRole("button", { name: "Clear answer" }).click();
  await note.waitFor({ state: "hidden" });
  await ana.leave();
});

test("words about a number move nothing away that is being pressed", async () => {
  const ana = await sitting("numeric");
  const { page } = ana;
  const field = page.locator("#number");
  const note = page.getByText("This cannot be read as a number");
  await field.pressSequentially("about 3");
  const on = page.locator(".moves > button:visible").last();
  const [box, before] = [await on.boundingBox(), page.url()];
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + 2);
  await page.mouse.down();
  await page.waitForFunction(() => document.activeElement?.id !== "number");
  assert.ok(await note.isHidden());
  assert.deepEqual(await on.boundingBox(), box);
  await page.mouse.up();
  await page.waitForURL((url) => url.href !== before);
  await page.goBack();
  await note.waitFor();
  await page.goto(`/attempts/${ana.id}/review`);
  await page.getByText("Not a number").waitFor();
  await ana.leave();
});

test("words about a number come when the mouse is let go of, though the answer was saved meanwhile", async () => {
  const ana = await sitting("numeric");
  const { page } = ana;
  const note = page.getByText("This cannot be read as a number");
  await page.locator("#number").pressSequentially("about 3");
  const box = await page.locator("#question-heading").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 2, box.y + 2);
  await page.mouse.down();
  await waitForSaveState(page, "saved");
  assert.ok(await note.isHidden());
  await page.mouse.up();
  await note.waitFor();
  await ana.leave();
});

test("words about a number move nothing away that a finger taps", async () => {
  const ana = await sitting("numeric", { hasTouch: true, isMobile: true, viewport: PHONE });
  const { page } = ana;
  await page.locator("#number").pressSequentially("about 3");
  const on = page.locator(".question-foot button:visible").last();
  await on.scrollIntoViewIfNeeded();
  const box = await on.boundingBox();
  assert.ok(box);
  await page.touchscreen.tap(box.x + box.width / 2, box.y + 2);
  await page.waitForFunction(() => /** @type {HTMLInputElement | null} */ (document.querySelector("#number"))?.value === "");
  await ana.leave();
});

test("an answer that loses points as it is stands out among the questions until it is changed", async () => {
  const ana = await sitting("numeric");
  const { page, number } = ana;
  const bubble = page.locator(`#navigator .cell[value="${number}"]`);
  const filter = page.locator('#navigator-filters [data-filter="flawed"]');
  assert.ok(await filter.isHidden());
  await page.locator("#number").fill("about 3");
  await page.locator("#number").blur();
  await bubble.filter({ hasText: ", answered, loses points as it is" }).waitFor();
  await page.getByText("Lose points as they are: 1", { exact: true }).waitFor();
  // What the script says and what the server says are the same.
  await page.reload();
  await bubble.filter({ hasText: ", answered, loses points as it is" }).waitFor();
  await page.getByText("Lose points as they are: 1", { exact: true }).waitFor();
  await filter.click();
  assert.equal(await page.locator("#navigator li .cell[value]:visible").count(), 1);
  await page.locator("#number").fill("3");
  await page.locator("#number").blur();
  await bubble.filter({ hasText: /, answered$/ }).waitFor();
  assert.ok(await page.locator("#flawed-count").isHidden());
  assert.ok(await filter.isVisible(), "what is pressed can be let go of");
  await page.locator('#navigator-filters [data-filter="all"]').click();
  assert.ok(await filter.isHidden());
  await ana.leave();
});

test("who pastes more than a field takes is told that the rest is missing", async () => {
  const ana = await sitting("short_text");
  const { page } = ana;
  const field = page.locator("#text");
  const note = page.getByText("The field is full");
  await field.focus();
  await page.keyboard.insertText("x".repeat(5_000));
  await note.waitFor();
  assert.equal((await field.inputValue()).length, 4_000);
  await waitForSaveState(page, "saved");
  await page.keyboard.press("Backspace");
  await note.waitFor({ state: "hidden" });
  await ana.leave();
});
