// An exam over everything that goes wrong around it: at the end the server holds exactly what was typed, and on the way the page says
// what is so.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, launch, somebody } from "../lib/browser.mjs";
import { enrol, sitBehindLine } from "../lib/candidate.mjs";
import { unpack } from "../lib/device.mjs";
import { EVERY_KIND, publishEveryKind, startHall } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { lay } from "../lib/line.mjs";
import { SAVED, atHand, change, chance, fetchAll, held, kept, open, ready, says, type } from "../lib/typing.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Somebody in an exam, in a browser of this test's, behind a line of their own. */
const sit = (options = {}) => sitBehindLine(browser, { there: hall, ...options });

test("offline in the middle of an exam and back, everything is answered and nothing is lost", async () => {
  const { page, exam, line, leave } = await sit();
  const random = chance(1);
  await fetchAll(page, 1);
  const typed = { 1: await change(page, random) };
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), typed);

  line.cut();
  for (let number = 2; number <= EVERY_KIND.questions; number += 1) {
    Object.assign(typed, await type(page, [number], random));
    await says(page, kept(number - 1));
  }
  assert.deepEqual(Object.keys(await exam.answers()), ["1"], "nothing came through");
  await open(page, 3);
  assert.deepEqual(await held(page), typed[3], "a question shows again what was typed");
  await says(page, kept(EVERY_KIND.questions - 1));
  const waiting = page.locator("#waiting-count");
  assert.equal(await waiting.innerText(), `Changed here, and not saved yet: ${EVERY_KIND.questions - 1}`);
  await page.getByRole("button", { name: /^Question 2 ?, not answered ?, not saved yet$/ }).waitFor();

  line.mend();
  await says(page, SAVED);
  assert.ok(await waiting.isHidden());
  assert.equal(await page.locator(".bubble-grid .cell.waiting").count(), 0);
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});

test("offline on a phone, the sheet of questions makes way for what is said of the review", async () => {
  const { page, line, leave } = await sit();
  await page.setViewportSize({ width: 390, height: 844 });
  await fetchAll(page, 1);
  line.cut();
  await change(page, chance(5));
  await says(page, kept(1));
  await page.locator("#navigator-open").click();
  await page.locator(".legend-waiting").waitFor();
  await page.locator('#navigator [value="review"]').click();
  await page.locator("#not-sent").waitFor();
  await page.locator("#navigator").waitFor({ state: "hidden" });
  const said = await page.locator("#not-sent").boundingBox();
  assert.ok(said && said.y > 0 && said.y < 844, `it is on the screen: ${JSON.stringify(said)}`);
  line.mend();
  await says(page, SAVED);
  await leave();
});

test("offline before the rest of the paper has come, the page stays and keeps what was typed", async () => {
  const { page, exam, line, watch, leave } = await sit();
  // Registering the worker may fall into the time without a line.
  watch.expect(/fetching the script/);
  await ready(page);
  const random = chance(7);
  line.cut();
  const typed = { 1: await change(page, random) };
  await says(page, kept(1));
  await page.locator('.moves [value="next"]').click();
  await page.locator("#not-sent").waitFor();
  assert.deepEqual(await held(page), typed[1]);
  line.mend();
  await says(page, SAVED);
  assert.deepEqual(await exam.answers(), typed);
  await page.locator('.moves [value="next"]').click();
  await page.getByRole("heading", { level: 1, name: "Question 2", exact: true }).waitFor();
  await leave();
});

test("who moves on twice while the questions are still on their way gets to the second one", async () => {
  const { page, leave } = await sit();
  await ready(page);
  let release = () => {};
  const released = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  const asked = page.waitForRequest("**/questions");
  await page.route("**/questions", async (route) => {
    await released;
    await route.continue();
  });
  const next = page.locator('.moves [value="next"]');
  await next.click();
  await asked;
  await next.click();
  release();
  await page.getByRole("heading", { level: 1, name: "Question 3", exact: true }).waitFor();
  await leave();
});

test("back and forward go from question to question, also to where the exam began", async () => {
  const { page, exam, line, leave } = await sit();
  const at = (number) => page.getByRole("heading", { level: 1, name: `Question ${number}`, exact: true }).waitFor();
  await page.goto(exam.address(line.base, 1).replace(/\?.*/, ""));
  await at(1);
  await open(page, 3);
  await open(page, 2);
  await page.goBack();
  await at(3);
  await page.goBack();
  await at(1);
  await page.goForward();
  await at(3);
  await leave();
});

test("a server that is killed and started again is waited for", async () => {
  const there = await startHall({ demo: false });
  try {
    await publishEveryKind(there);
    const { page, exam, line, leave } = await sit({ there });
    const random = chance(2);
    await fetchAll(page, 1);
    const typed = { 1: await change(page, random) };
    await says(page, SAVED);
    await there.kill();
    Object.assign(typed, await type(page, [2, 3], random));
    await says(page, kept(2));
    Object.assign(there, await startHall({ demo: false, folder: there.folder }));
    line.leadTo(there.base);
    await says(page, SAVED);
    assert.deepEqual(await exam.answers(), typed);
    await open(page, 2);
    assert.deepEqual(await held(page), typed[2]);
    await leave();
  } finally {
    await there.stop();
  }
});

for (const [how, closed] of [
  ["tab that is closed", false],
  ["browser that is killed", true],
]) {
  test(`a ${how} while offline comes back with what was typed, still offline`, async () => {
    const line = await lay(hall.base);
    const device = await unpack(line.base);
    try {
      let page = await device.start();
      const exam = await enrol(page.context(), hall);
      const random = chance(closed ? 4 : 3);
      await page.goto(exam.address(line.base, 1));
      await fetchAll(page, 1);
      await atHand(page);
      const typed = { 1: await change(page, random) };
      await says(page, SAVED);
      line.cut();
      Object.assign(typed, await type(page, [2, 4], random));
      await says(page, kept(2));

      if (closed) {
        await device.kill();
        page = await device.start();
      } else {
        const context = page.context();
        await page.close();
        page = await context.newPage();
      }
      await page.goto(exam.address(line.base, 2));
      await says(page, kept(2));
      for (const number of [2, 4, 1]) {
        await open(page, number);
        assert.deepEqual(await held(page), typed[number], `question ${number} shows what was typed`);
      }
      Object.assign(typed, await type(page, [5], random));
      await says(page, kept(3));

      line.mend();
      await says(page, SAVED);
      assert.deepEqual(await exam.answers(), typed);
      device.check();
    } finally {
      await device.discard();
      await line.takeUp();
    }
  });
}

test("a session that ends is signed in again within the page, by whose exam it is and by nobody else", async () => {
  const { page, context, exam, leave } = await sit();
  const random = chance(5);
  await fetchAll(page, 1);
  const typed = { 1: await change(page, random) };
  await says(page, SAVED);
  await context.clearCookies();
  Object.assign(typed, await type(page, [2, 3], random));
  await says(page, /signed out/);
  assert.deepEqual(Object.keys(await exam.answers()), ["1"]);

  const notice = page.locator("#sign-in-again");
  await notice.waitFor();
  const signIn = async ({ email, password }) => {
    await notice.locator('input[name="email"]').fill(email);
    await notice.locator('input[name="password"]').fill(password);
    await notice.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const other = somebody("Ben Otieno");
  assert.equal((await fetch(`${hall.base}/api/v1/accounts`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(other) })).status, 201);
  await signIn(other);
  await notice.getByText(/belongs to somebody else/).waitFor();
  await says(page, /signed out/);
  assert.deepEqual(await held(page), typed[3], "what was typed is still there");
  assert.deepEqual(Object.keys(await exam.answers()), ["1"], "nothing was sent in somebody else's name");

  await signIn(exam.person);
  await says(page, SAVED);
  assert.ok(await notice.isHidden());
  assert.equal(await page.evaluate(() => document.activeElement?.id), "question-heading", "the notice that is gone took no focus along");
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});

test("whoever types a password is left to it while the network comes and goes", async () => {
  const { page, context, exam, line, leave } = await sit();
  const random = chance(45);
  await fetchAll(page, 1);
  await context.clearCookies();
  const typed = { 1: await change(page, random) };
  const notice = page.locator("#sign-in-again");
  await notice.waitFor();
  await notice.locator('input[name="email"]').fill(exam.person.email);
  await notice.locator('input[name="password"]').fill(exam.person.password);
  line.cut();
  // It is tried again and finds no network.
  await says(page, kept(1));
  assert.equal(await notice.locator('input[name="password"]').inputValue(), exam.person.password);
  assert.ok(await notice.isVisible());
  line.mend();
  await notice.getByRole("button", { name: "Sign in", exact: true }).click();
  await says(page, SAVED);
  assert.ok(await notice.isHidden());
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});

test("a device that keeps nothing is never said to keep anything", async () => {
  const { page, exam, line, leave } = await sit({
    prepare: (context) =>
      context.addInitScript(() => {
        Object.defineProperty(globalThis, "indexedDB", { get: () => undefined });
      }),
  });
  const random = chance(6);
  await fetchAll(page, 1);
  line.cut();
  /** @type {string[]} */
  const said = [];
  await page.exposeFunction("note", (words) => said.push(words));
  await page.evaluate(() => {
    const text = /** @type {HTMLElement} */ (document.querySelector("#save-state .save-text"));
    new MutationObserver(() => /** @type {any} */ (window).note(text.textContent)).observe(text, { childList: true, characterData: true, subtree: true });
  });
  const typed = await type(page, [1, 2], random);
  await says(page, /^Not saved yet/);
  line.mend();
  await says(page, SAVED);
  assert.deepEqual(
    said.filter((words) => /device/.test(words)),
    [],
  );
  assert.deepEqual(await exam.answers(), typed);
  await leave();
});

test("what is typed before the scripts come is saved when they do", async () => {
  const line = await lay(hall.base);
  const ana = await arrive(browser, line.base);
  const exam = await enrol(ana.context, hall);
  let release = () => {};
  const held_ = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  await ana.context.route("**/*.js", async (route) => {
    await held_;
    await route.continue();
  });
  const number = exam.numberOf("numeric");
  await ana.page.goto(exam.address(line.base, number), { waitUntil: "commit" });
  await ana.page.locator('input[name="number"]').fill("31");
  release();
  await says(ana.page, SAVED);
  assert.deepEqual(await exam.answers(), { [number]: { number: "31" } });
  await ana.leave();
  await line.takeUp();
});

test("offline at the deadline, what was sent in time counts, and what came late is told as late", async () => {
  // Time enough for a slow machine to answer once, little enough to wait for.
  const slug = "outage-short";
  const there = await startHall({ demo: false });
  try {
    await publishEveryKind(there);
    await there.command("exam", "create", "--slug", slug, "--bank", EVERY_KIND.slug, "--title", "Outage", "--questions", "7", "--time-limit", "25s");
    await there.command("exam", "publish", slug);
    const { page, exam, line, leave } = await sit({ there, slug });
    const number = exam.numberOf("numeric");
    await open(page, number);
    await page.locator('input[name="number"]').fill("1");
    await says(page, SAVED);
    line.cut();
    await page.locator('input[name="number"]').fill("2");
    await says(page, kept(1));
    await page.locator("#clock .clock-value").filter({ hasText: /^0?0:00$/ }).waitFor();
    // Time is up, and the page is still there with what was typed and the truth about it.
    await page.getByText(/time (is|was) up/i).first().waitFor();
    assert.deepEqual(await held(page), { number: "2" });
    assert.doesNotMatch(await page.locator("#save-state .save-text").innerText(), /^Saved/);

    const late = page.waitForResponse((response) => response.request().method() === "PUT" && response.url().endsWith("/answers"));
    line.mend();
    const body = await (await late).json();
    assert.deepEqual([body.acknowledged, body.rejected.map((one) => one.code)], [[], ["late"]], "kept as evidence, and not counted");
    await page.waitForURL(/\/result/);
    const result = await exam.watch("GET", `/attempts/${exam.attempt.id}/result`);
    assert.equal(result.state, "expired");
    assert.deepEqual(result.questions.find((question) => question.number === number).response, { number: "1" });
    await leave();
  } finally {
    await there.stop();
  }
});

test("signed out at the deadline, what was typed waits for signing in and is kept as evidence", async () => {
  const slug = "outage-signed-out";
  const there = await startHall({ demo: false });
  try {
    await publishEveryKind(there);
    await there.command("exam", "create", "--slug", slug, "--bank", EVERY_KIND.slug, "--title", "Outage", "--questions", "7", "--time-limit", "20s");
    await there.command("exam", "publish", slug);
    const { page, context, exam, leave } = await sit({ there, slug });
    const number = exam.numberOf("numeric");
    await open(page, number);
    await page.locator('input[name="number"]').fill("1");
    await says(page, SAVED);
    await context.clearCookies();
    await page.locator('input[name="number"]').fill("2");
    await says(page, /signed out/);
    const refused = page.waitForResponse((response) => response.url().endsWith("/submit"));
    assert.equal((await refused).status(), 401);
    assert.deepEqual(await held(page), { number: "2" }, "the page is still there");

    const notice = page.locator("#sign-in-again");
    await notice.locator('input[name="email"]').fill(exam.person.email);
    await notice.locator('input[name="password"]').fill(exam.person.password);
    const late = page.waitForResponse((response) => response.request().method() === "PUT" && response.url().endsWith("/answers") && response.ok());
    await notice.getByRole("button", { name: "Sign in", exact: true }).click();
    assert.deepEqual((await (await late).json()).rejected.map((one) => one.code), ["late"]);
    await page.waitForURL(new RegExp(`/result\\?late=${number}$`));
    await page.locator(".notice", { hasText: "had ended when this device sent its last answers" }).getByText(`Question ${number}`, { exact: true }).waitFor();
    await leave();
  } finally {
    await there.stop();
  }
});

test("whoever comes back when the exam has ended hears that what a closed tab had kept came too late", async () => {
  const slug = "outage-closed";
  const there = await startHall({ demo: false });
  try {
    await publishEveryKind(there);
    await there.command("exam", "create", "--slug", slug, "--bank", EVERY_KIND.slug, "--title", "Outage", "--questions", "7", "--time-limit", "15s");
    await there.command("exam", "publish", slug);
    const { page, context, exam, line, watch, leave } = await sit({ there, slug });
    // Registering the worker may fall into the time without a line.
    watch.expect(/fetching the script/);
    await ready(page);
    line.cut();
    await change(page, chance(21));
    await says(page, kept(1));
    await page.close();
    while ((await exam.watch("GET", `/attempts/${exam.attempt.id}`)).state === "open") await new Promise((resolve) => setTimeout(resolve, 200));
    line.mend();
    const again = await context.newPage();
    // What comes after the end is kept, and refused.
    watch.expect(/status( of)? 409.*\/answers/);
    const stored = again.waitForResponse((response) => response.request().method() === "PUT" && response.url().endsWith("/answers"));
    await again.goto(exam.address(line.base, 1));
    assert.equal((await stored).status(), 409, "kept as evidence");
    // It says so only when the server has not taken it.
    await again.waitForURL(/\/result\?late=1$/);
    await again.locator(".notice", { hasText: "had ended when this device sent its last answers" }).getByText("Question 1", { exact: true }).waitFor();
    await leave();
  } finally {
    await there.stop();
  }
});
