// Pictures of every page, on a phone and on a desk, light and dark, into e2e/screenshots: node screenshots.mjs [NAME...]

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DESKTOP, PHONE, launch } from "./lib/browser.mjs";
import { publishEveryKind, startHall } from "./lib/hall.mjs";
import { prepare } from "./lib/pages.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "screenshots");
const wanted = process.argv.slice(2);

await mkdir(folder, { recursive: true });
const hall = await startHall();
let browser;
try {
  await publishEveryKind(hall);
  browser = await launch();
  const { people, pages } = await prepare(browser, hall, { deviceScaleFactor: 1.5 });
  const chosen = pages.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  let failures = 0;
  for (const { name, who, open } of chosen) {
    const { page } = people[who];
    try {
      await page.setViewportSize(DESKTOP);
      await open(page);
      for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await page.setViewportSize(viewport);
        for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
          await page.emulateMedia({ colorScheme });
          // The whole page, and what is seen of it at first, where bars stick.
          await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
          await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}-top.png`) });
        }
      }
    } catch (error) {
      failures += 1;
      console.error(`${name}: ${error}`);
    }
  }
  console.log(`${chosen.length - failures} of ${chosen.length} pages are in ${folder}`);
  if (failures > 0) process.exitCode = 1;
} finally {
  await browser?.close();
  await hall.stop();
}
