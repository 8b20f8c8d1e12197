// What holds on every page, in light and dark, on a phone and on a desk: one heading, nothing inline, no room to scroll
// sideways, and nothing that axe finds against WCAG 2.2 AA.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, assertNothingInline, assertOneHeading, launch } from "../lib/browser.mjs";
import { hall } from "../lib/halls.mjs";
import { findings } from "../lib/looks.mjs";
import { prepare } from "../lib/pages.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("every page", async (t) => {
  const { people, pages } = await prepare(browser, hall);
  for (const { name, who, open, status = 200 } of pages) {
    await t.test(`${name}, as ${who}`, async () => {
      const { page, watch } = people[who];
      if (status !== 200) watch.expect(new RegExp(`status( of)? ${status}`));
      /** @type {number[]} */
      const statuses = [];
      const note = (response) => {
        if (response.request().isNavigationRequest()) statuses.push(response.status());
      };
      page.on("response", note);
      await page.setViewportSize(DESKTOP);
      await page.emulateMedia({ colorScheme: "light" });
      await open(page);
      page.off("response", note);
      assert.equal(statuses.at(-1), status);
      await assertOneHeading(page);
      await assertNothingInline(page);
      assert.deepEqual(await findings(page), []);
    });
  }
  await t.test("no page misbehaved", async () => {
    for (const person of Object.values(people)) await person.leave();
  });
});
