// An exam by keyboard alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, launch, signUp } from "../lib/browser.mjs";
import { EVERY_KIND } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { attemptId, canonical, waitForSaveState } from "../lib/sitting.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Presses Tab until what has the focus matches; every stop on the way is to be visible and to show that it has the focus. */
async function tabTo(page, selector, least = 1) {
  for (let presses = 1; presses <= 60; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((wanted) => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      // The bubble of an option is drawn by its label.
      const shown = [element, element.closest("label")].filter((candidate) => candidate !== null);
      const marked = shown.some((candidate) => {
        const style = getComputedStyle(candidate);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
      });
      const box = element.getBoundingClientRect();
      const inView = box.bottom > 0 && box.top < innerHeight && box.width > 1;
      return { marked, inView, wanted: element.matches(wanted), html: element.outerHTML.slice(0, 150) };
    }, selector);
    if (!at) continue;
    assert.ok(at.marked, `focus is seen on ${at.html}`);
    assert.ok(at.inView, `focus is on the screen at ${at.html}`);
    if (at.wanted && presses >= least) return presses;
  }
  throw new Error(`Tab never came to ${selector} on ${page.url()}`);
}

test("an exam is started, answered and submitted with the keyboard alone", async () => {
  const ana = await arrive(browser, hall.base);
  const { page } = ana;
  await signUp(page);
  await page.goto(`/exams/${EVERY_KIND.slug}`);
  await tabTo(page, '.cover-start button[type="submit"]');
  await page.keyboard.press("Enter");
  await page.waitForURL("/attempts/*");
  const id = attemptId(page);
  const { questions } = await ana.api("GET", `/attempts/${id}`);
  const numberOf = (wanted) => questions.find(wanted).number;
  const goTo = async (number) => {
    await tabTo(page, `.cell[value="${number}"]`);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.search === `?question=${number}`);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "question-heading", "the question has the focus");
  };
  const given = {};

  // One of several: Space marks, arrows change.
  const one = numberOf((question) => question.kind === "choice" && !question.multiple);
  await goTo(one);
  await tabTo(page, 'input[name="choice"]');
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await waitForSaveState(page, "saved");
  given[one] = { choice: [await page.locator('input[name="choice"]:checked').inputValue()] };
  assert.deepEqual(given[one], { choice: ["b"] });

  // Two of several.
  const two = numberOf((question) => question.multiple);
  await goTo(two);
  await tabTo(page, 'input[name="choice"]');
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  given[two] = { choice: ["a", "c"] };
  await page.waitForFunction(() => document.querySelectorAll('input[name="choice"]:checked').length === 2);

  // An order, by its buttons; the focus stays in the row that moves.
  const order = numberOf((question) => question.kind === "ordering");
  await goTo(order);
  const items = page.locator(".order-item");
  const before = await items.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-item")));
  await tabTo(page, '[data-move="down"]');
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await waitForSaveState(page, "saved");
  assert.equal(
    await page.evaluate(() => document.activeElement?.closest("li")?.getAttribute("data-item")),
    before[0],
    "the focus moves along",
  );
  assert.equal(await page.locator("#order-announcement").textContent(), "Now number 3");
  given[order] = { order: [before[1], before[2], before[0], ...before.slice(3)] };

  // Pairs, by lists that arrows go through; the last one stays open.
  const pairs = numberOf((question) => question.kind === "matching");
  await goTo(pairs);
  const stems = await page.locator('select[name^="match."]').evaluateAll((selects) => selects.map((select) => select.getAttribute("name")));
  given[pairs] = { match: {} };
  for (const [index, name] of stems.slice(0, -1).entries()) {
    await tabTo(page, `select[name="${name}"]`);
    for (let step = 0; step <= index; step += 1) await page.keyboard.press("ArrowDown");
    given[pairs].match[name.slice("match.".length)] = "abc"[index];
  }
  await waitForSaveState(page, "saved");

  // A text with blanks: to type into, and to choose from.
  const cloze = numberOf((question) => question.kind === "cloze");
  await goTo(cloze);
  const blanks = await page.locator('[name^="blank."]').evaluateAll((fields) => fields.map((field) => [field.getAttribute("name"), field.localName]));
  assert.deepEqual(blanks.map(([, element]) => element), ["input", "input", "select"]);
  given[cloze] = { blanks: {} };
  for (const [name, element] of blanks) {
    await tabTo(page, `[name="${name}"]`);
    if (element === "select") await page.keyboard.press("ArrowDown");
    else await page.keyboard.type("7");
    given[cloze].blanks[name.slice("blank.".length)] = element === "select" ? "a" : "7";
  }
  await waitForSaveState(page, "saved");

  // A short text.
  const short = numberOf((question) => question.kind === "short_text");
  await goTo(short);
  await tabTo(page, 'input[name="text"]');
  await page.keyboard.type("ls");
  given[short] = { text: "ls" };
  await waitForSaveState(page, "saved");

  // A number: typed, and Enter moves on.
  const number = numberOf((question) => question.kind === "numeric");
  await goTo(number);
  await tabTo(page, 'input[name="number"]');
  await page.keyboard.type("120");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.search !== `?question=${number}` || url.pathname.endsWith("/review"));
  given[number] = { number: "120" };
  // Moving on within the page waits for nothing.
  if (!page.url().endsWith("/review")) await page.locator('#save-state:not([data-state="saving"])').waitFor();
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers), given);
  assert.equal(Object.keys(given).length, EVERY_KIND.questions, "every kind was answered");

  // Hand in.
  if (!page.url().endsWith("/review")) {
    await tabTo(page, 'button[value="review"]');
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/review$/);
  }
  await tabTo(page, '#submit-form button[type="submit"]');
  await page.keyboard.press("Enter");
  // One is answered in part: the question before submitting has the focus on the way back.
  await page.locator("#submit-dialog").waitFor();
  await tabTo(page, "#submit-anyway");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === `/attempts/${id}/result`);
  await tabTo(page, 'a[href="?show=missed#questions"]');
  await page.keyboard.press("Enter");
  await page.waitForURL(/show=missed/);
  await ana.leave();
});

test("the first Tab offers to skip to the content", async () => {
  const guest = await arrive(browser, hall.base);
  await guest.page.goto("/exams");
  await guest.page.keyboard.press("Tab");
  const link = guest.page.getByRole("link", { name: "Skip to content" });
  assert.ok(await link.evaluate((element) => element === document.activeElement));
  const box = await link.boundingBox();
  assert.ok(box && box.x >= 0 && box.y >= 0, "it is seen");
  await guest.page.keyboard.press("Enter");
  assert.equal(await guest.page.evaluate(() => document.activeElement?.id), "main");
  await guest.leave();
});

test("a form with mistakes takes the focus to its summary", async () => {
  const guest = await arrive(browser, hall.base);
  const { page } = guest;
  guest.watch.expect(/422/);
  await page.goto("/sign-up");
  await page.getByLabel("Name", { exact: true }).fill("Ana");
  await page.getByLabel("Email address").fill("no address");
  await page.getByLabel("Password").fill("short");
  await page.keyboard.press("Enter");
  await page.locator(".error-summary").waitFor();
  assert.match(await page.evaluate(() => document.activeElement?.className ?? ""), /error-summary/);
  assert.match(await page.title(), /^Error/);
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Ana", "what was typed is kept");
  assert.equal(await page.getByLabel("Email address").inputValue(), "no address");
  assert.equal(await page.getByLabel("Password").inputValue(), "", "but no password is sent back");
  await page.locator('.error-summary a[href="#email"]').click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "email");
  await guest.leave();
});
