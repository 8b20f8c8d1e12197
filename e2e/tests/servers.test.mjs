// What a server may say beside "saved": that it is busy, that an answer is none, or, restored from a backup, less than it had said before.

import assert from "node:assert/strict";
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PHONE, launch } from "../lib/browser.mjs";
import { sitBehindLine } from "../lib/candidate.mjs";
import { publishEveryKind, startHall } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { SAVED, atHand, change, chance, fetchAll, held, kept, open, says, type } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Somebody in an exam, behind a line of their own. */
const sit = (options = {}) => sitBehindLine(browser, { there: hall, ...options });

test("a busy server is not called a missing network, and is asked again when it wants to be", async () => {
  const { page, exam, watch, leave } = await sit();
  watch.expect(/503/);
  const random = chance(32);
  await fetchAll(page, 1);
  let isBusy = true;
  /** @type {number[]} */
  const asked = [];
  await page.route("**/answers", async (route) => {
    asked.push(Date.now());
    if (isBusy) await route.fulfill({ status: 503, headers: { "retry-after": "3" }, contentType: "application/problem+json", body: "{}" });
    else await route.continue();
  });
  const typed = { 1: await change(page, random) };
  await says(page, /^The server is busy: 1 answer kept on this device, trying again$/);
  isBusy = false;
  Object.assign(typed, await type(page, [2], random));
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), typed);
  const [first = 0, second = 0] = asked;
  assert.ok(second - first >= 3_000, `it came back after ${second - first} ms`);
  await leave();
});

test("an answer that the server refuses is called refused, also by a page that is kept, and counted apart", async () => {
  const { page, exam, line, watch, leave } = await sit();
  watch.expect(/fetching the script/);
  const number = exam.numberOf("numeric");
  const other = number === 1 ? 2 : 1;
  await fetchAll(page, number);
  await atHand(page);
  const field = page.locator('input[name="number"]');
  // Longer than any number that counts.
  const long = "9".repeat(4_001);
  const isRefused = async () => {
    await says(page, /^Not saved: this does not fit the question$/);
    assert.equal(await field.inputValue(), long);
    assert.match(await page.locator("#refused-count").innerText(), /: 1$/);
    assert.match(await page.locator("#answered-count").innerText(), /^0 /);
  };
  // As a page without that limit would let one.
  await field.evaluate((element) => element.removeAttribute("maxlength"));
  await field.fill(long);
  await isRefused();
  await open(page, other);
  await says(page, /^Not answered yet$/);
  await open(page, number);
  await isRefused();
  line.cut();
  await page.reload();
  await isRefused();
  line.mend();
  await page.goto(exam.address(line.base, number));
  await isRefused();
  // From its own page it leads nowhere: the form would be refused as well.
  await open(page, other);
  await page.locator('.navigator button[value="review"]').click();
  await page.waitForURL(/review/);
  await page.locator("#refused").filter({ hasText: String(number) }).waitFor();
  await page.goto(exam.address(line.base, number));
  await isRefused();
  await field.fill("9");
  await says(page, SAVED);
  assert.ok(await page.locator("#refused-count").isHidden());
  assert.deepEqual(await exam.answers(), { [number]: { number: "9" } });
  await leave();
});

test("a page that is kept shows the question it was asked for, also on a device that is slow to hand out the questions", async () => {
  const { page, exam, line, watch, leave } = await sit({
    prepare: (context) =>
      context.addInitScript(() => {
        // As long as it is slow, nothing that is asked for the questions has them in time.
        const isSlow = (address) => sessionStorage.getItem("slow") === "yes" && String(address).endsWith("/questions");
        const { fetch: fetchIt } = globalThis;
        const { match } = CacheStorage.prototype;
        CacheStorage.prototype.match = function (...asked) {
          return isSlow(asked[0]) ? Promise.resolve(undefined) : match.apply(this, asked);
        };
        globalThis.fetch = (...asked) => {
          if (!isSlow(asked[0])) return fetchIt(...asked);
          sessionStorage.setItem("tried", "yes");
          return Promise.reject(new DOMException("it took too long", "TimeoutError"));
        };
      }),
  });
  watch.expect(/fetching the script/);
  await fetchAll(page, 3);
  await atHand(page);
  line.cut();
  /** Opens a question while the device is slow, until it has been asked once. */
  const openSlowly = async (number) => {
    await page.evaluate(() => sessionStorage.setItem("slow", "yes"));
    await page.evaluate(() => sessionStorage.removeItem("tried"));
    await page.goto(exam.address(line.base, number));
    await page.waitForFunction(() => sessionStorage.getItem("tried") === "yes");
  };
  const isQuick = () => page.evaluate(() => sessionStorage.setItem("slow", "no"));
  const isAt = (number) => page.getByRole("heading", { level: 1, name: `Question ${number}`, exact: true }).waitFor();
  await openSlowly(3);
  await isAt(1);
  await isQuick();
  await isAt(3);

  // Whoever has gone on is left alone.
  await openSlowly(4);
  await says(page, /Not answered yet/);
  const typed = await change(page, chance(9));
  await isQuick();
  await says(page, kept(1));
  await page.evaluate(() => fetch(`${location.pathname}/questions`));
  assert.deepEqual(await held(page), typed);
  await isAt(1);
  line.mend();
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), { 1: typed });
  await leave();
});

test("what a server that was restored from a backup has lost is sent again by the page that is open", async () => {
  const there = await startHall({ demo: false });
  const copy = `${there.folder}-copy`;
  /** Stops the server at once, does something to its folder, and starts it again. */
  const around = async (line, work) => {
    await there.kill();
    await work();
    Object.assign(there, await startHall({ demo: false, folder: there.folder }));
    line.leadTo(there.base);
  };
  try {
    await publishEveryKind(there);
    const { page, exam, line, leave } = await sit({ there });
    const random = chance(31);
    await fetchAll(page, 1);
    const typed = { 1: await change(page, random) };
    await says(page, SAVED);
    await around(line, () => cp(there.folder, copy, { recursive: true }));
    Object.assign(typed, await type(page, [2, 3, 1], random));
    await says(page, SAVED);
    assert.deepEqual(await exam.answers(), typed);

    await around(line, async () => {
      await rm(there.folder, { recursive: true });
      await cp(copy, there.folder, { recursive: true });
    });
    // It learns of it with what is sent next.
    const asked = page.waitForResponse((response) => response.request().method() === "GET" && new URL(response.url()).pathname.endsWith(exam.attempt.id));
    Object.assign(typed, await type(page, [4], random));
    await asked;
    await says(page, SAVED);
    await page.waitForFunction(() => document.querySelectorAll(".navigator button.cell:is(.answered, .partly)").length === 4);
    assert.deepEqual(await exam.answers(), typed);
    await leave();
  } finally {
    await there.stop();
    await rm(copy, { recursive: true, force: true });
  }
});

test("who came with an access code signs in again with it, within the page", async () => {
  const there = await startHall({ demo: false });
  try {
    await publishEveryKind(there);
    const { page, context, exam, line, leave } = await sit({ there });
    const people = join(there.folder, "people.csv");
    await writeFile(people, `email,name\n${exam.person.email},${exam.person.name}\n`);
    const { stdout } = await there.command("account", "codes", "--file", people);
    const [code = ""] = /\w{4}-\w{4}-\w{4}/.exec(stdout) ?? [];
    // As on the phone of somebody who has read the question to its end.
    await page.setViewportSize(PHONE);
    await page.goto(exam.address(line.base, exam.numberOf("choice")));
    await says(page, /Not answered yet/);
    await context.clearCookies();
    const typed = { [exam.numberOf("choice")]: await change(page, chance(8)) };
    await says(page, /signed out/);
    const notice = page.locator("#sign-in-again");
    await notice.locator("p").first().waitFor();
    assert.ok(await notice.evaluate((element) => element.getBoundingClientRect().top < innerHeight), "it comes into sight");
    await notice.getByText("I have an access code").click();
    const signIn = async (shown) => {
      await notice.getByLabel("Access code").fill(shown);
      await notice.getByRole("button", { name: "Sign in", exact: true }).last().click();
    };
    await signIn("AAAA-AAAA-AAAA");
    await notice.getByText(/Check the access code/).waitFor();
    await signIn(code.toLowerCase());
    await says(page, SAVED);
    assert.deepEqual(await exam.answers(), typed);
    await leave();
  } finally {
    await there.stop();
  }
});
