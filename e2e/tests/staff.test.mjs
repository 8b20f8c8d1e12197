// The demo's four people, and what each may do.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, assertNothingInline, assertOneHeading, enterDemo, launch, signUp, somebody } from "../lib/browser.mjs";
import { fixture } from "../lib/hall.mjs";
import { hall } from "../lib/halls.mjs";
import { answer, waitForSaveState } from "../lib/sitting.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const MAY_OPEN = {
  candidate: ["/dashboard", "/exams", "/results"],
  invigilator: ["/admin", "/admin/attempts", "/admin/operations"],
  author: ["/admin", "/admin/attempts", "/admin/exams", "/admin/exams/new", "/admin/banks", "/admin/operations"],
  admin: ["/admin", "/admin/attempts", "/admin/exams", "/admin/exams/new", "/admin/banks", "/admin/accounts", "/admin/operations"],
};
const EVERYWHERE = [...new Set(Object.values(MAY_OPEN).flat())].filter((address) => address.startsWith("/admin"));

for (const [role, addresses] of Object.entries(MAY_OPEN)) {
  test(`the demo's ${role} enters by the link and finds the pages of the role`, async () => {
    const person = await arrive(browser, hall.base);
    const { page, watch } = person;
    await enterDemo(page, hall.demoLink, role);
    for (const address of addresses) {
      const response = await page.goto(address);
      assert.equal(response?.status(), 200, address);
      await assertOneHeading(page);
      await assertNothingInline(page);
    }
    const links = await page.locator(".site-nav a, .staff-nav a").evaluateAll((found) => found.map((a) => a.getAttribute("href")));
    watch.expect(/status( of)? 403/);
    for (const address of EVERYWHERE.filter((address) => !addresses.includes(address))) {
      assert.equal((await page.goto(address))?.status(), 403, address);
      assert.ok(!links.includes(address), `${address} is not offered`);
    }
    await person.leave();
  });
}

for (const withScripts of [true, false]) {
  test(`a bank is imported, an exam made of it is published and sat, ${withScripts ? "with" : "without"} scripts`, async () => {
    const alex = await arrive(browser, hall.base, { javaScriptEnabled: withScripts });
    const { page } = alex;
    const tag = `${withScripts ? "planets" : "plain-planets"}-${Date.now().toString(36)}`;
    await enterDemo(page, hall.demoLink, "author");

    await page.getByRole("link", { name: "Banks" }).click();
    await page.waitForURL("/admin/banks");
    await page.locator("summary").click();
    await page.getByLabel("Title").fill(`Planets ${tag}`);
    await page.locator("#slug").fill(tag);
    await page.getByRole("button", { name: "Create bank" }).click();
    await page.waitForURL((url) => url.pathname === `/admin/banks/${tag}`);

    // A dry run first, which changes nothing; then for real.
    const send = async (dry) => {
      await page.locator("#file").setInputFiles(fixture("one-broken-row.csv"));
      const box = page.getByLabel("Dry run");
      if (dry) await box.check();
      else await box.uncheck();
      await page.getByRole("button", { name: "Send file" }).click();
      await page.waitForURL((url) => url.pathname === `/admin/banks/${tag}/import`);
      await assertOneHeading(page);
      await assertNothingInline(page);
      assert.deepEqual(await page.locator(".figure dd").allInnerTexts(), ["3", "0", "1"]);
      const refused = page.locator("tbody tr", { hasText: "Refused" });
      assert.equal(await refused.count(), 1);
      assert.match(await refused.innerText(), /4[\s\S]*No correct answer is given/);
    };
    await send(true);
    await page.goto(`/admin/banks/${tag}`);
    assert.match(await page.locator(".lead").innerText(), /^0 questions|No questions/);
    await send(false);
    await page.goto(`/admin/banks/${tag}`);
    assert.match(await page.locator(".lead").innerText(), /^3 questions/);
    await page.getByRole("link", { name: /Great Red Spot/ }).click();
    await assertOneHeading(page);
    assert.match(await page.locator("main").innerText(), /Jupiter[\s\S]*storm larger than the Earth/);

    // An exam: a draft, which nobody sees; then published.
    await page.goto("/admin/exams/new");
    await page.getByLabel("Title").fill(`The planets ${tag}`);
    await page.locator("#slug").fill(tag);
    await page.getByLabel("Bank", { exact: true }).selectOption(tag);
    await page.locator("#questions").fill("3");
    await page.locator("#time_limit_min").fill("10");
    await page.locator("#pass_percent").fill("60");
    await page.getByRole("button", { name: "Save draft" }).click();
    await page.waitForURL((url) => url.pathname === `/admin/exams/${tag}`);
    await assertOneHeading(page);

    const bo = await arrive(browser, hall.base, { javaScriptEnabled: withScripts });
    await signUp(bo.page, somebody("Bo Pilot"));
    await bo.page.goto("/exams");
    assert.equal(await bo.page.getByRole("link", { name: `The planets ${tag}` }).count(), 0, "a draft is not offered");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.locator(".notice.good").waitFor();
    assert.match(await page.locator(".notice.good").innerText(), /version 1/);

    await bo.page.goto("/exams");
    await bo.page.getByRole("link", { name: `The planets ${tag}` }).click();
    await bo.page.getByRole("button", { name: "Start exam" }).click();
    for (let number = 1; number <= 3; number += 1) {
      await bo.page.waitForURL((url) => number === 1 || url.search === `?question=${number}`);
      await answer(bo.page, { withScripts });
      if (withScripts) await waitForSaveState(bo.page, "saved");
      await bo.page.locator(".moves button.button:not(.quiet):visible").click();
    }
    await bo.page.waitForURL(/\/review$/);
    await bo.page.getByRole("button", { name: "Submit exam" }).click();
    await bo.page.waitForURL(/\/result/);
    await bo.leave();

    // And the author finds the attempt, with its log.
    await page.goto(`/admin/attempts?exam=${tag}`);
    await page.getByRole("link", { name: /Bo Pilot/ }).click();
    await assertOneHeading(page);
    assert.match(await page.locator("main").innerText(), /Bo Pilot/);
    assert.ok((await page.locator("table.log tbody tr").count()) >= 3);
    await alex.leave();
  });
}

test("an admin makes an account, changes its role and switches it off", async () => {
  const kim = await arrive(browser, hall.base);
  const { page } = kim;
  const person = somebody("Uma Usher");
  await enterDemo(page, hall.demoLink, "admin");
  await page.goto("/admin/accounts");
  await page.locator("summary").click();
  const form = page.locator("form.form");
  await form.getByLabel("Name").fill(person.name);
  await form.getByLabel("Email address").fill(person.email);
  await form.getByLabel("Role").selectOption("invigilator");
  await form.getByLabel("Password").fill(person.password);
  await form.getByRole("button", { name: "Create account" }).click();
  await page.locator(".notice.good").waitFor();

  const uma = await arrive(browser, hall.base);
  const signIn = async () => {
    await uma.page.goto("/sign-in");
    await uma.page.getByLabel("Email address").fill(person.email);
    await uma.page.getByLabel("Password").fill(person.password);
    await uma.page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn();
  await uma.page.waitForURL("/admin");
  assert.equal((await uma.page.goto("/admin"))?.status(), 200);

  await page.goto(`/admin/accounts?search=${encodeURIComponent(person.email)}`);
  await page.locator(".row-action a").click();
  await page.locator("select#role").selectOption("candidate");
  await page.getByRole("button", { name: "Change role" }).click();
  await page.locator(".notice.good").waitFor();
  uma.watch.expect(/status( of)? (403|422)/);
  assert.equal((await uma.page.goto("/admin"))?.status(), 403, "the role is gone at once");

  await page.getByRole("button", { name: "Switch off account" }).click();
  await page.getByRole("button", { name: "Switch on account" }).waitFor();
  await uma.page.goto("/dashboard");
  assert.equal(new URL(uma.page.url()).pathname, "/sign-in", "switched off is signed out");
  await signIn();
  await uma.page.locator(".error-summary").waitFor();
  await uma.leave();
  await kim.leave();
});
