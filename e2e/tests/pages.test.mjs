// What holds on every page, in light and dark, on a phone and on a desk: one heading, nothing inline, no room to scroll
// sideways, and nothing that axe finds against WCAG 2.2 AA.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, assertNothingInline, assertOneHeading, launch } from "../lib/browser.mjs";
import { hall } from "../lib/halls.mjs";
import { prepare } from "../lib/pages.mjs";

const EVERY_RULE = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };
/** What dark colours can change; the rest was looked at in light ones. */
const RULES_OF_COLOUR = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

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
      const found = [];
      for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await page.setViewportSize(viewport);
        const tooWide = await page.evaluate(widerThanTheScreen);
        if (tooWide) found.push(`${size}: ${tooWide}`);
        for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
          await page.emulateMedia({ colorScheme });
          const runOnly = colorScheme === "light" ? EVERY_RULE : RULES_OF_COLOUR;
          // The other mode opens a page for each run, to gather frames, of which there are none.
          const { violations } = await new AxeBuilder({ page }).setLegacyMode().options({ runOnly }).analyze();
          for (const { id, help, nodes } of violations) {
            const [node] = nodes;
            found.push(`${size}, ${colorScheme}: ${id}: ${help}: ${nodes.length}x, as ${node?.html} ${node?.failureSummary}`);
          }
        }
      }
      assert.deepEqual(found, []);
    });
  }
  await t.test("no page misbehaved", async () => {
    for (const person of Object.values(people)) await person.leave();
  });
});

/** Runs in the page: what makes it scroll sideways, if anything does. */
function widerThanTheScreen() {
  const wide = document.documentElement.scrollWidth;
  if (wide <= innerWidth) return null;
  const edge = (element) => element.getBoundingClientRect().right;
  const widest = [...document.body.querySelectorAll("*")].filter((element) => edge(element) >= wide - 1).at(-1);
  return `the page is ${wide} wide in ${innerWidth}, because of ${widest?.outerHTML.slice(0, 200)}`;
}
