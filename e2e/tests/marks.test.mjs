// What a candidate does beside answering: flags, struck options, the navigator, keys, the review.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, arrive, launch } from "../lib/browser.mjs";
import { EVERY_KIND } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { answer, canonical, sitting, submitExam, waitForSaveState } from "../lib/sitting.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const isOne = ({ kind, multiple }) => kind === "choice" && !multiple;
const isMany = ({ multiple }) => multiple === true;

const flag = (page) => page.locator(".question-tools .flag");
const isPressed = (locator) => locator.and(locator.page().locator('[aria-pressed="true"]'));
const cell = (page, number) => page.locator(`#navigator button.cell[value="${number}"]`);
const filter = (page, name) => page.locator(`[data-filter="${name}"]`);
const option = (page, letter) => page.locator(`.option:has(input[value="${letter}"])`);
const strike = (page, letter) => page.locator(`.option:has(input[value="${letter}"]) + .strike`);
const said = (page, text) => page.locator("#marks-said", { hasText: text }).waitFor({ state: "attached" });
const isAt = (page, number) => page.waitForURL((url) => url.searchParams.get("question") === String(number));

/** A computer that is several times slower than this one. */
async function slow(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 5 });
}

test("a flag shows on its question, among all, in the review, and is gone with the attempt", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page, id, number } = ana;
  const other = number === 1 ? 2 : 1;
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  await flag(page).click();
  await isPressed(flag(page)).waitFor();
  assert.match((await cell(page, number).textContent()) ?? "", /, not answered, flagged$/);
  assert.equal((await filter(page, "flagged").textContent())?.trim(), "Flagged 1");
  await page.reload();
  await isPressed(flag(page)).waitFor();

  // On another question, only what is flagged is shown, and where one is.
  await page.goto(`/attempts/${id}?question=${other}`);
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  await filter(page, "flagged").click();
  const shown = page.locator("#navigator .bubble-grid li:visible");
  await page.waitForFunction(() => document.querySelectorAll("#navigator .bubble-grid li:not([hidden])").length === 2);
  assert.equal(await shown.count(), 2);
  await cell(page, number).click();
  await isAt(page, number);
  await isPressed(filter(page, "flagged")).waitFor();
  assert.equal(await page.locator("#navigator .bubble-grid li:visible").count(), 1, "the filter stays");
  await flag(page).click();
  await page.locator("#navigator-none").waitFor();
  await flag(page).click();

  await page.goto(`/attempts/${id}/review`);
  const flagged = page.locator("#review-list li", { hasText: "Flagged" });
  assert.equal(await flagged.count(), 1);
  assert.equal(await flagged.getAttribute("data-number"), String(number));
  assert.match(await page.locator(".figures").innerText(), /Flagged\s+1/);
  await filter(page, "flagged").click();
  assert.equal(await page.locator("#review-list li:visible").count(), 1);
  await flagged.getByRole("link").click();
  await isAt(page, number);

  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("examhall.marks.")));
  assert.equal((await kept()).length, 1);
  await page.goto(`/attempts/${id}/review`);
  await submitExam(page);
  await page.waitForURL(/\/result/);
  await page.waitForFunction(() => !Object.keys(localStorage).some((name) => name.startsWith("examhall.marks.")));
  await ana.leave();
});

test("a struck option is marked and nothing else; chosen, it is struck no more", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page, id, number } = ana;
  assert.equal(await page.locator(".strike").count(), 0, "the buttons come when they are asked for");
  await page.locator(".question-tools .strikes").click();
  await strike(page, "a").click();
  await isPressed(strike(page, "a")).waitFor();
  assert.match(await option(page, "a").getAttribute("class"), /is-struck/);
  assert.match(await option(page, "a").innerText(), /struck out/);
  assert.equal(await page.locator('input[name="choice"]:checked').count(), 0, "striking chooses nothing");
  assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).answers, {}, "and tells the server nothing");
  await page.reload();
  await isPressed(strike(page, "a")).waitFor();

  await option(page, "a").click();
  await waitForSaveState(page, "saved");
  assert.doesNotMatch(await option(page, "a").getAttribute("class"), /is-struck/);
  assert.equal(await strike(page, "a").getAttribute("aria-disabled"), "true");
  await strike(page, "a").click({ force: true });
  await said(page, "Option A is your answer");
  await option(page, "b").click();
  await waitForSaveState(page, "saved");
  assert.doesNotMatch(await option(page, "a").getAttribute("class"), /is-struck/, "it does not come back by itself");
  assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).answers, { [number]: { choice: ["b"] } });
  await page.locator(".question-tools .strikes").click();
  assert.equal(await page.locator(".strike:visible").count(), 0);
  await ana.leave();
});

test("keys choose, flag, strike, tell the time and move; they are listed, and can be switched off", async () => {
  const ana = await sitting(browser, hall, isMany);
  const { page, id, number } = ana;
  await slow(page);
  await page.locator(".question-tools").waitFor();
  await page.keyboard.press("b");
  await page.keyboard.press("3");
  await page.waitForFunction(() => document.querySelectorAll('input[name="choice"]:checked').length === 2);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("value")), "c", "the focus goes along");
  await page.keyboard.press("m");
  await isPressed(flag(page)).waitFor();
  await said(page, "Flagged for later");
  await page.keyboard.press("x");
  await said(page, "Press the letter");
  await page.keyboard.press("a");
  await said(page, "Option A is struck out");
  assert.match(await option(page, "a").getAttribute("class"), /is-struck/);
  await page.keyboard.press("t");
  await said(page, /^Time left: (39 minutes, \d+ seconds?|40 minutes)/);
  await page.keyboard.press("Control+b");
  assert.equal(await page.locator('input[value="b"]').isChecked(), true, "keys of the browser stay its own");

  await page.keyboard.press("?");
  const list = page.locator("#shortcuts");
  await list.waitFor();
  assert.match(await list.innerText(), /N\s+Save and next question/);
  assert.ok(await list.evaluate((dialog) => dialog.contains(document.activeElement)), "the list has the focus");
  await page.keyboard.press("m");
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("value")), "c", "the focus is where it was");
  assert.equal(await flag(page).getAttribute("aria-pressed"), "true", "keys do nothing behind the list");

  // There and back; from the last question there is the review.
  await waitForSaveState(page, "saved");
  await page.keyboard.press("n");
  await page.waitForURL((url) => url.searchParams.get("question") !== String(number));
  assert.deepEqual(canonical((await ana.api("GET", `/attempts/${id}`)).answers), { [number]: { choice: ["b", "c"] } });
  await page.goto(`/attempts/${id}?question=2`);
  await page.locator(".question-tools").waitFor();
  await page.keyboard.press("p");
  await isAt(page, 1);
  await page.locator(".question-tools").waitFor();
  await page.keyboard.press("r");
  await page.waitForURL(/\/review$/);

  // Not the one that was flagged, wherever the shuffle has put it.
  await page.goto(`/attempts/${id}?question=${number === 2 ? 3 : 2}`);
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await page.getByLabel("Use these keys").uncheck();
  await list.getByRole("button", { name: "Close" }).click();
  await page.reload();
  await page.locator(".question-tools").waitFor();
  await page.keyboard.press("m");
  await page.keyboard.press("?");
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  assert.equal(await list.isVisible(), false);
  await ana.leave();
});

test("what is typed into a field is typed, whatever its letters mean elsewhere", async () => {
  const ana = await sitting(browser, hall, ({ kind }) => kind === "short_text");
  const { page, number } = ana;
  await page.locator(".question-tools").waitFor();
  await page.locator("#text").click();
  await page.keyboard.type("npmrxt?1b");
  assert.equal(await page.locator("#text").inputValue(), "npmrxt?1b");
  assert.equal(new URL(page.url()).searchParams.get("question"), String(number));
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  await waitForSaveState(page, "saved");
  await ana.leave();
});

test("keys mean nothing in the list of a matching, which they choose from", async () => {
  const ana = await sitting(browser, hall, ({ kind }) => kind === "matching");
  const { page, number } = ana;
  await page.locator(".question-tools").waitFor();
  await page.locator(".match select").first().focus();
  await page.keyboard.press("n");
  await page.keyboard.press("m");
  assert.equal(new URL(page.url()).searchParams.get("question"), String(number));
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  await ana.leave();
});

test("on a phone the questions are a sheet behind a button", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page, number } = ana;
  await page.setViewportSize(PHONE);
  const button = page.locator("#navigator-open");
  await button.waitFor();
  assert.equal(await page.locator("#navigator").isVisible(), false);
  await button.click();
  await page.locator("#navigator").waitFor();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("value")), String(number), "the focus is where one is");
  const box = await page.locator("#navigator").boundingBox();
  assert.ok(box && box.y > 100 && box.y + box.height <= PHONE.height, "the sheet is on the screen, below the bar");
  assert.ok((await page.locator("#question-heading").boundingBox())?.y < box.y, "and the question stays where it is");
  await page.keyboard.press("Escape");
  await page.locator("#navigator").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement?.id), "navigator-open");
  await button.click();
  await page.locator("#navigator-close").click();
  await page.locator("#navigator").waitFor({ state: "hidden" });
  const other = number === 3 ? 4 : 3;
  await button.click();
  await cell(page, other).click();
  await isAt(page, other);
  await button.waitFor();
  assert.equal(await page.locator("#navigator").isVisible(), false);
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 320, `nothing is wider than the smallest phone, but ${wide}`);
  const last = await page.locator(".moves > button:visible").last().boundingBox();
  assert.ok(last && last.x + last.width <= 320 - 12, "the last move has its gutter");
  await ana.leave();
});

test("without storage, marks last as long as the page", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page } = ana;
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new DOMException("forbidden", "SecurityError");
      },
    });
  });
  await page.reload();
  await flag(page).click();
  await isPressed(flag(page)).waitFor();
  await page.locator(".question-tools .strikes").click();
  await strike(page, "b").click();
  await isPressed(strike(page, "b")).waitFor();
  await page.reload();
  await page.locator(".question-tools").waitFor();
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  await ana.leave();
});

test("two tabs of an attempt have the same flags", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page, context, id, number } = ana;
  const second = await context.newPage();
  await second.goto(`/attempts/${id}?question=${number}`);
  await flag(second).click();
  await isPressed(flag(page)).waitFor();
  await ana.leave();
});

test("whoever puts a question on the page says so, and moves when asked", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page, number } = ana;
  await flag(page).click();
  await page.evaluate((wanted) => {
    const shown = (/** @type {number} */ of) => document.dispatchEvent(new CustomEvent("question-shown", { detail: { number: of } }));
    shown(wanted);
    shown(wanted);
    // A question that comes without tools.
    document.querySelector(".question-tools")?.remove();
    shown(wanted);
  }, number);
  assert.equal(await page.locator(".question-tools").count(), 1);
  assert.equal(await flag(page).getAttribute("aria-pressed"), "true");
  await page.evaluate((other) => document.dispatchEvent(new CustomEvent("question-shown", { detail: { number: other } })), number + 1);
  assert.equal(await flag(page).getAttribute("aria-pressed"), "false");
  await page.evaluate(() =>
    document.addEventListener("go-to", (event) => {
      event.preventDefault();
      document.title = `to ${/** @type {CustomEvent} */ (event).detail.to}`;
    }),
  );
  await page.keyboard.press("n");
  assert.equal(await page.title(), "to next");
  assert.equal(new URL(page.url()).searchParams.get("question"), String(number));
  await ana.leave();
});

test("a double click on the last button submits, and does not fall on what was behind it", async () => {
  const ana = await sitting(browser, hall);
  const { page, id } = ana;
  await page.goto(`/attempts/${id}/review`);
  await page.getByRole("button", { name: "Submit exam" }).click();
  await page.locator("#submit-dialog").waitFor();
  // The request takes its time, as on a busy evening.
  await page.route("**/submit", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  await page.locator("#submit-anyway").click({ clickCount: 2, delay: 40 });
  await page.waitForURL(/\/result\?submitted/);
  assert.equal((await ana.api("GET", `/attempts/${id}`)).state, "submitted");
  await ana.leave();
});

test("before an exam is submitted with something open, one is asked; else not", async () => {
  const ana = await sitting(browser, hall, isMany);
  const { page, id, number } = ana;
  await option(page, "a").click();
  await waitForSaveState(page, "saved");
  await page.goto(`/attempts/${id}/review`);
  assert.deepEqual(await page.locator(".figure:visible dd").allInnerTexts(), ["0", "1", String(EVERY_KIND.questions - 1), "0"]);
  await filter(page, "partly").click();
  assert.equal(await page.locator("#review-list li:visible").getAttribute("data-number"), String(number));
  const dialog = page.locator("#submit-dialog");
  await page.getByRole("button", { name: "Submit exam" }).click();
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /Not answered\s+6\s+Answered in part\s+1/);
  assert.doesNotMatch(await dialog.innerText(), /Flagged/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "submit-not-yet", "Enter twice submits nothing");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await ana.api("GET", `/attempts/${id}`)).state, "open");

  for (let each = 1; each <= EVERY_KIND.questions; each += 1) {
    await page.goto(`/attempts/${id}?question=${each}`);
    if (each === number) await option(page, "c").click();
    else await answer(page);
    await waitForSaveState(page, "saved");
  }
  const third = async () => {
    await page.goto(`/attempts/${id}?question=${number}`);
    await option(page, "b").click();
    await waitForSaveState(page, "saved");
    await page.goto(`/attempts/${id}/review`);
    await page.getByRole("button", { name: "Submit exam" }).click();
  };
  await third();
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /Loses points as it is\s+1/, "three where two are asked for");
  await page.keyboard.press("Enter");
  await third();
  await page.waitForURL(/\/result\?submitted/);
  const { digest } = await ana.api("GET", `/attempts/${id}/result`);
  const code = digest.slice(0, 12).match(/.{4}/g).join("-");
  assert.match(await page.getByRole("status").innerText(), new RegExp(`Your receipt, to note down: ${code}`));
  await ana.leave();
});

test("the clock can be hidden, is there again for the last five minutes, and is announced four times", async () => {
  const ana = await sitting(browser, hall, isOne);
  const { page } = ana;
  await page.clock.install();
  await page.reload();
  const value = page.locator("#clock .clock-value");
  const isHidden = async () => /visually-hidden/.test((await value.getAttribute("class")) ?? "");
  const announced = (text) => page.locator("#clock-announcement", { hasText: text }).waitFor({ state: "attached" });
  await page.locator("#clock-toggle").click();
  assert.ok(await isHidden());
  assert.equal(await page.locator("#clock-announcement").textContent(), "");
  await page.clock.fastForward("10:05");
  await announced("30 minutes left");
  await page.keyboard.press("t");
  await said(page, /^Time left: 29 minutes/);
  await page.clock.fastForward("15:00");
  await announced("15 minutes left");
  await page.clock.fastForward("09:00");
  assert.ok(await isHidden(), "it stays hidden until then");
  await page.clock.fastForward("01:00");
  await announced("5 minutes left");
  assert.ok(!(await isHidden()), "and comes back");
  assert.equal(await page.locator("#clock-toggle").isVisible(), false);
  await page.clock.fastForward("04:00");
  await announced("1 minute left");
  await ana.leave();
});

test("without scripts nothing is shown that needs them", async () => {
  const ana = await arrive(browser, hall.base, { javaScriptEnabled: false });
  const { page } = ana;
  await ana.api("POST", "/accounts", { email: `no-script-${Date.now()}@example.org`, name: "No Script", password: "seven red umbrellas" });
  const { id } = await ana.api("POST", `/exams/${EVERY_KIND.slug}/attempts`, {});
  for (const path of [`/attempts/${id}?question=1`, `/attempts/${id}/review`, `/exams/${EVERY_KIND.slug}`, `/exams/${EVERY_KIND.slug}/trial`]) {
    await page.goto(path);
    for (const dead of [".question-tools", ".strike", ".filters", "dialog", ".shortcuts-open", "#device-check", ".legend-flagged", 'button[type="button"]']) {
      assert.equal(await page.locator(`${dead}:visible`).count(), 0, `${dead} on ${path}`);
    }
  }
  await page.goto(`/attempts/${id}/review`);
  await page.getByRole("button", { name: "Submit exam" }).click();
  await page.waitForURL(/\/result/);
  await ana.leave();
});

test("a double click goes on by one question, and does nothing to it", async () => {
  const ana = await sitting(browser, hall, ({ number }) => number === 1);
  const { page, id } = ana;
  await page.setViewportSize({ width: 1280, height: 800 });
  await waitForSaveState(page, "idle");
  // Everything is there, so that the next question comes at once.
  await page.locator('.moves [value="next"]').click();
  await isAt(page, 2);
  for (let number = 3; number <= EVERY_KIND.questions; number += 1) {
    await page.locator('.moves [value="next"]').dblclick();
    await isAt(page, number);
  }
  assert.deepEqual((await ana.api("GET", `/attempts/${id}`)).answers, {});
  await ana.leave();
});
