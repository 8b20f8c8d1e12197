// Before an exam: the check of the device, the question to try, and the lobby.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, assertNothingInline, assertOneHeading, enterDemo, launch, signUp } from "../lib/browser.mjs";
import { EVERY_KIND } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const INTRO = `/exams/${EVERY_KIND.slug}`;
/** How soon an exam of these tests opens: later than a slow machine takes to come to its page, sooner than a test may wait. */
const OPENS_IN_S = 25;

async function checkDevice(page) {
  await page.locator("#check-start").click();
  await page.locator("#check-done:not(:empty)").waitFor({ state: "attached" });
  const rows = await page.locator(".check-row").all();
  return Object.fromEntries(
    await Promise.all(rows.map(async (row) => [await row.getAttribute("data-check"), [await row.getAttribute("data-state"), await row.innerText()]])),
  );
}

test("a device that is well is told so, and the server is asked only then", async () => {
  const guest = await arrive(browser, hall.base);
  const { page } = guest;
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/healthz")) asked += 1;
  });
  await page.goto(INTRO);
  await page.locator("#check-start").waitFor();
  assert.equal(asked, 0);
  const { connection, storage, clock } = await checkDevice(page);
  assert.ok(asked > 0);
  // A busy machine may be slow, but it is connected.
  assert.match(connection[1], /Connection\s+(Good|Slow): /);
  assert.deepEqual([storage[0], clock[0]], ["good", "good"]);
  assert.match(clock[1], /The clock of this device is right/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "check-start", "the button keeps the focus");
  assert.equal(await page.locator("#check-start").innerText(), "Check again");
  await guest.leave();
});

test("a wrong clock is found, and said to cost no time", async () => {
  const guest = await arrive(browser, hall.base);
  const { page } = guest;
  await page.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() - 600_000;
  });
  await page.goto(INTRO);
  const { clock } = await checkDevice(page);
  assert.equal(clock[0], "warn");
  assert.match(clock[1], /is (10 minutes|9 minutes, 59 seconds|10 minutes, 1 second) slow\. Your time is kept by the server/);
  await guest.leave();
});

test("without a network or storage, it says so and what to do", async () => {
  const guest = await arrive(browser, hall.base);
  const { page, context } = guest;
  guest.watch.expect(/healthz|ERR_INTERNET_DISCONNECTED/);
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException("forbidden", "SecurityError");
    };
    Object.defineProperty(window, "localStorage", { get: refuse });
    Object.defineProperty(window, "indexedDB", { get: refuse });
  });
  await page.goto(INTRO);
  await context.setOffline(true);
  const { connection, storage, clock } = await checkDevice(page);
  assert.match(connection[1], /could not be reached\. Check the network/);
  assert.match(storage[1], /keeps nothing for this site\. .* Leave private browsing/);
  assert.match(clock[1], /not known/);
  assert.match(await page.locator("#check-done").textContent(), /See what to do/);
  await guest.leave();
});

for (const withScripts of [true, false]) {
  test(`a question to try, ${withScripts ? "with" : "without"} scripts`, async () => {
    const guest = await arrive(browser, hall.base, { javaScriptEnabled: withScripts });
    const { page } = guest;
    await page.goto(INTRO);
    await page.getByRole("link", { name: "try a question" }).click();
    await page.waitForURL(`${INTRO}/trial`);
    await assertOneHeading(page);
    await assertNothingInline(page);
    if (withScripts) {
      await page.locator(".question-tools .flag").click();
      assert.equal(await page.locator(".question-tools .flag").getAttribute("aria-pressed"), "true");
      await page.keyboard.press("x");
      await page.keyboard.press("a");
      assert.match(await page.locator(".option").first().getAttribute("class"), /is-struck/);
      await page.keyboard.press("b");
      await page.keyboard.press("t");
      await page.locator("#marks-said", { hasText: "no time limit" }).waitFor({ state: "attached" });
      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), [], "nothing is kept");
      await page.keyboard.press("n");
    } else {
      await page.locator('input[value="b"]').check();
      await page.getByRole("button", { name: "Save and next" }).click();
    }
    await page.locator(".notice", { hasText: "This works" }).waitFor();
    assert.ok(await page.locator('input[value="b"]').isChecked());
    await page.getByRole("link", { name: "Clear answer" }).click();
    await page.waitForURL((url) => url.search === "");
    await page.getByRole("button", { name: "Save and next" }).click();
    await page.locator(".notice", { hasText: "Nothing was chosen" }).waitFor();
    await page.getByRole("link", { name: "Back to the exam" }).last().click();
    await page.waitForURL(INTRO);
    await guest.leave();
  });
}

/** Publishes an exam that opens soon; gives its page. */
async function publishForSoon(author, slug) {
  const { page } = author;
  await page.goto("/admin/exams/new");
  await page.getByLabel("Title").fill(`Soon ${slug}`);
  await page.locator("#slug").fill(slug);
  await page.getByLabel("Bank", { exact: true }).selectOption(EVERY_KIND.slug);
  await page.locator("#questions").fill("2");
  await page.locator("#time_limit_min").fill("10");
  await page.locator("#opens_at").evaluate((field, seconds) => {
    const input = /** @type {HTMLInputElement} */ (field);
    input.step = "1";
    input.value = new Date(Date.now() + seconds * 1_000).toISOString().slice(0, 19);
  }, OPENS_IN_S);
  await page.getByRole("button", { name: "Save draft" }).click();
  await page.waitForURL((url) => url.pathname === `/admin/exams/${slug}`);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.locator(".notice.good").waitFor();
  return `/exams/${slug}`;
}

test("whoever comes early waits in the lobby, and starts there when the exam opens", async () => {
  const author = await arrive(browser, hall.base);
  await enterDemo(author.page, hall.demoLink, "author");
  const [ana, bo, guest] = await Promise.all([{}, { javaScriptEnabled: false }, {}].map((options) => arrive(browser, hall.base, options)));
  await signUp(ana.page);
  await signUp(bo.page);
  const soon = await publishForSoon(author, `soon-${Date.now().toString(36)}`);

  await ana.page.goto(soon);
  const pages = [];
  ana.page.on("request", (request) => {
    if (request.resourceType() === "document") pages.push(request.url());
  });
  await ana.page.locator(".lobby-stay:visible").waitFor();
  assert.match(await ana.page.locator(".lobby-value").innerText(), /^00:\d\d$/);
  assert.equal(await ana.page.locator(".lobby-reload").isVisible(), false);
  assert.equal(await ana.page.getByRole("button", { name: "Start exam" }).count(), 0);
  await assertNothingInline(ana.page);

  await bo.page.goto(soon);
  assert.match(await bo.page.locator(".lobby").innerText(), /not opened yet[\s\S]*Opens in\s+\d+ s[\s\S]*Load this page again then/);
  assert.equal(await bo.page.getByRole("button", { name: "Start exam" }).count(), 0);
  await guest.page.goto(soon);
  await guest.page.getByRole("link", { name: "Sign in to start" }).waitFor();
  assert.equal(await guest.page.locator(".lobby-stay").isVisible(), false, "a guest has nothing to wait for");

  const start = ana.page.getByRole("button", { name: "Start exam" });
  await start.waitFor();
  assert.deepEqual(pages, [], "the page was not loaded again");
  assert.equal(await ana.page.locator("#lobby-said").textContent(), "The exam is open. You can start.");
  // At the very second: the server is never asked too soon.
  await start.click();
  await ana.page.waitForURL("/attempts/*");

  await bo.page.reload();
  await bo.page.getByRole("button", { name: "Start exam" }).click();
  await bo.page.waitForURL("/attempts/*");
  for (const person of [author, ana, bo, guest]) await person.leave();
});
