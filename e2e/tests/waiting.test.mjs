// The waiting room, in a hall of its own with a crowd before its door.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, assertNothingInline, assertOneHeading, launch } from "../lib/browser.mjs";
import { crowdedHall } from "../lib/crowd.mjs";
import { findings } from "../lib/looks.mjs";

let browser;
let crowded;
before(async () => {
  crowded = await crowdedHall();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await crowded?.stop();
});

test("whoever has to wait is told so on a light page, keeps the place, and gets in without doing anything", async () => {
  const person = await arrive(browser, crowded.base);
  const { page, watch } = person;
  watch.expect(/status( of)? 503/);
  const loaded = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname.split("/").at(-1)));
  // The page loads itself again when it may be its turn; not while it is looked at.
  let arrived = false;
  await page.route("**/exams", async (route) => {
    await (arrived ? route.fulfill({ status: 204 }) : route.continue());
    arrived = true;
  });
  assert.equal((await page.goto("/exams"))?.status(), 503);
  await crowded.calm();
  assert.match(await page.locator("h1").innerText(), /queue/);
  const [ahead] = await page.locator(".waiting-place dd").allInnerTexts();
  assert.ok(Number(ahead?.replace(",", "")) > 100, `${ahead} come first`);
  const others = loaded.filter((name) => !["exams", "examhall.css", "times.js", "favicon.svg"].includes(name ?? ""));
  assert.deepEqual(others, [], "a hall full of people who wait loads nothing else");
  await assertOneHeading(page);
  await assertNothingInline(page);
  // It loads itself again, also without scripts: a queue is a real-time event, and nobody has anything to finish here (WCAG 2.2.1).
  assert.deepEqual(await findings(page, ["meta-refresh"]), []);

  await page.unroute("**/exams");
  await page.reload();
  await page.locator("h1", { hasText: "Exams" }).waitFor({ timeout: 90_000 });
  await person.leave();
});
