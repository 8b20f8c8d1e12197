// An exam whose page comes from the device, because the server says nothing: what is so is found out before anything is done by it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../lib/browser.mjs";
import { sitBehindLine } from "../lib/candidate.mjs";
import { hall } from "../lib/halls.mjs";
import { SAVED, atHand, change, chance, fetchAll, open, says } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Somebody in an exam that would come from the device. */
async function sit() {
  const ana = await sitBehindLine(browser, { there: hall });
  await fetchAll(ana.page, 1);
  await atHand(ana.page);
  return ana;
}

test("a page from the device hands nothing in when the device's clock was set ahead, and goes on by the server's", async () => {
  const { page, exam, line, leave } = await sit();
  // Somebody sets the clock after the page was kept: by more than the exam has.
  await page.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() + 2 * 3_600_000;
  });
  line.cut();
  await page.reload();
  const shown = page.locator("#clock .clock-value");
  await shown.filter({ hasText: /^0?0:00$/ }).waitFor();
  line.mend();
  await shown.filter({ hasText: /^(40:00|39:\d\d|38:\d\d)$/ }).waitFor();
  const typed = { 1: await change(page, chance(31)) };
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), typed);
  assert.equal((await exam.watch("GET", `/attempts/${exam.attempt.id}`)).state, "open");
  await leave();
});

test("over a line that swallows everything, the exam comes from the device and goes on", async () => {
  const { page, exam, line, leave } = await sit();
  line.swallow();
  await page.goto(exam.address(line.base, 2));
  await page.getByRole("heading", { level: 1, name: "Question 2", exact: true }).waitFor();
  const random = chance(32);
  const typed = { 2: await change(page, random) };
  // Nobody says that there is no network.
  await open(page, 3);
  typed[3] = await change(page, random);
  line.mend();
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});
