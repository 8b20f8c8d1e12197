// What must hold of every page however it is looked at: light and dark, on a phone and on a desk.

import { AxeBuilder } from "@axe-core/playwright";
import { DESKTOP, PHONE } from "./browser.mjs";

const EVERY_RULE = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };
/** What dark colours can change; the rest was looked at in light ones. */
const RULES_OF_COLOUR = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/**
 * What is wrong with a page: room to scroll sideways, and what axe finds against WCAG 2.2 AA.
 * @param {import("playwright-core").Page} page
 * @param {("light" | "dark")[]} colorSchemes none: only its width is looked at
 */
export async function findings(page, colorSchemes = ["light", "dark"]) {
  const found = [];
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(viewport);
    const tooWide = await page.evaluate(widerThanTheScreen);
    if (tooWide) found.push(`${size}: ${tooWide}`);
    for (const colorScheme of colorSchemes) {
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
  return found;
}

/** Runs in the page: what makes it scroll sideways, if anything does. */
function widerThanTheScreen() {
  const wide = document.documentElement.scrollWidth;
  if (wide <= innerWidth) return null;
  // Where one reads from right to left, what is too wide sticks out on the left.
  const isMirrored = document.documentElement.dir === "rtl";
  const edge = ({ left, right }) => (isMirrored ? innerWidth - left : right);
  const widest = [...document.body.querySelectorAll("*")].filter((element) => edge(element.getBoundingClientRect()) >= wide - 1).at(-1);
  return `the page is ${wide} wide in ${innerWidth}, because of ${widest?.outerHTML.slice(0, 200)}`;
}
