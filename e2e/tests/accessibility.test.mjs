// What holds of every page in the other languages and in the waiting room, as `pages` has it of the English ones: one heading, nothing
// inline, no room to scroll sideways, and nothing that axe finds against WCAG 2.2 AA, on a phone and on a desk.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive, assertNothingInline, assertOneHeading, launch } from "../lib/browser.mjs";
import { crowdedHall } from "../lib/crowd.mjs";
import { hall } from "../lib/halls.mjs";
import { findings } from "../lib/looks.mjs";
import { isOfStaff, prepare } from "../lib/pages.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Another direction changes much, but no colour; longer words change widths only. @type {Record<string, { direction: string, colorSchemes: ("light" | "dark")[] }>} */
const LANGUAGES = {
  ar: { direction: "rtl", colorSchemes: ["light"] },
  de: { direction: "ltr", colorSchemes: [] },
};

const languageOf = (page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

for (const [locale, { direction, colorSchemes }] of Object.entries(LANGUAGES)) {
  test(`every page in the language ${locale}`, async (t) => {
    const { people, pages } = await prepare(browser, hall, { locale });
    for (const shown of pages.filter((page) => !isOfStaff(page))) {
      const { name, who, open, status = 200 } = shown;
      await t.test(`${name}, as ${who}`, async () => {
        const { page, watch } = people[who];
        if (status !== 200) watch.expect(new RegExp(`status( of)? ${status}`));
        await open(page);
        assert.deepEqual(await languageOf(page), [locale, direction]);
        await assertOneHeading(page);
        await assertNothingInline(page);
        assert.deepEqual(await findings(page, colorSchemes), []);
      });
    }
    await t.test("no page misbehaved", async () => {
      for (const person of Object.values(people)) await person.leave();
    });
  });
}

test("the waiting room", async () => {
  const crowded = await crowdedHall();
  try {
    for (const locale of ["en", "ar"]) {
      const guest = await arrive(browser, crowded.base, { locale });
      const { page } = guest;
      guest.watch.expect(/status( of)? 503/);
      // It goes on by itself, which it must not do while it is being looked at.
      await page.route("**/exams", async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, "");
        await route.fulfill({ response, body });
      });
      await page.goto("/exams");
      await page.locator(".waiting-place").waitFor();
      assert.equal((await languageOf(page))[0], locale);
      await assertOneHeading(page);
      await assertNothingInline(page);
      assert.deepEqual(await findings(page), []);
      await guest.leave();
    }
  } finally {
    await crowded.stop();
  }
});
