// Slow devices and handing in while one keeps something: what was typed is sent, and nothing is handed in without it, unless the person
// wants it so.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../lib/browser.mjs";
import { sitBehindLine } from "../lib/candidate.mjs";
import { hall } from "../lib/halls.mjs";
import { slowStorage } from "../lib/slow.mjs";
import { SAVED, change, chance, fetchAll, kept, says } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const sit = () => sitBehindLine(browser, { there: hall });
const review = ({ exam, line }) => `${line.base}/attempts/${exam.attempt.id}/review`;

test("what a slow device keeps is told before anything is handed in, however soon one presses the button", async () => {
  const { page, context, exam, line, leave } = await sit();
  await fetchAll(page, 1);
  line.cut();
  await change(page, chance(41));
  await says(page, kept(1));
  await page.close({ runBeforeUnload: false });
  line.mend();
  await slowStorage(context, 1_000);
  const again = await context.newPage();
  await again.goto(review({ exam, line }));
  await again.getByRole("button", { name: "Submit exam" }).click();
  await again.locator("#not-sent").waitFor();
  await again.getByText("Nothing has been submitted yet.").waitFor();
  assert.ok(await again.locator("#not-sent a").evaluate((link) => link === document.activeElement));
  assert.ok(await again.locator("#submit-dialog").isHidden(), "it was not asked whether to hand in");
  // Who wants to, may.
  await again.getByRole("button", { name: "Submit exam" }).click();
  await again.locator("#submit-dialog").getByText("Kept on this device, and not sent").waitFor();
  await again.locator("#submit-anyway").click();
  await again.waitForURL(/\/result/);
  await leave();
});

test("an answer that reached the server unheard is not called missing", async () => {
  const { page, context, exam, line, leave } = await sit();
  await fetchAll(page, 1);
  await page.route("**/answers", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  const response = await change(page, chance(42));
  await says(page, kept(1));
  assert.deepEqual(await exam.answers(), { 1: response });
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await again.goto(review({ exam, line }));
  await again.getByRole("button", { name: "Submit exam" }).click();
  await again.locator("#submit-dialog").waitFor();
  assert.ok(await again.locator("#submit-kept").isHidden());
  await again.locator("#submit-anyway").click();
  await again.waitForURL(/\/result\?submitted$/);
  await leave();
});

test("what a device keeps that does not answer for seconds is sent and shown once it does", async () => {
  const { page, context, exam, line, leave } = await sit();
  const number = exam.numberOf("numeric");
  await page.goto(exam.address(line.base, number));
  await fetchAll(page, number);
  line.cut();
  await page.locator('input[name="number"]').fill("17");
  await says(page, kept(1));
  await page.close({ runBeforeUnload: false });
  line.mend();
  await slowStorage(context, 4_000);
  const again = await context.newPage();
  await again.goto(exam.address(line.base, number));
  await says(again, SAVED);
  assert.deepEqual(await exam.answers(), { [number]: { number: "17" } });
  assert.equal(await again.locator('input[name="number"]').inputValue(), "17");
  await leave();
});
