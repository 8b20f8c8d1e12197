// Pictures of every page, on a phone and on a desk, light and dark, and once more from right to left, into e2e/screenshots:
// node screenshots.mjs [NAME...], such as `node screenshots.mjs take` or `node screenshots.mjs -ar`
//
// `node screenshots.mjs readme` takes those of the README instead, into docs/screenshots; it needs pngquant.

import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DESKTOP, PHONE, arrive, launch } from "./lib/browser.mjs";
import { crowdedHall } from "./lib/crowd.mjs";
import { publishEveryKind, startHall } from "./lib/hall.mjs";
import { isOfStaff, prepare } from "./lib/pages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "screenshots");
const wanted = process.argv.slice(2);

/** Each is what is seen of a page at first, or from a question that was answered wrongly. */
const README = {
  "player-phone": { name: "take-timed", viewport: PHONE, colorScheme: "light" },
  "result-desktop": { name: "result-passed", viewport: DESKTOP, colorScheme: "light", from: ".reviewed:has(.is-wrong)" },
  "dashboard-desktop-dark": { name: "dashboard", viewport: DESKTOP, colorScheme: "dark" },
  "staff-overview": { name: "staff-overview", viewport: DESKTOP, colorScheme: "light" },
};

async function takeForReadme(people, pages) {
  const target = join(here, "../docs/screenshots");
  await mkdir(target, { recursive: true });
  for (const [file, { name, viewport, colorScheme, from }] of Object.entries(README)) {
    const { who, open } = pages.find((shown) => shown.name === name);
    const { page } = people[who];
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await open(page);
    if (from) await page.locator(from).first().evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 24));
    const path = join(target, `${file}.png`);
    await page.screenshot({ path });
    execFileSync("pngquant", ["--force", "--strip", "--quality", "60-95", "--output", path, path]);
  }
  console.log(`${Object.keys(README).length} pictures are in ${target}`);
}

/** @type {("light" | "dark")[]} */
const LIGHT_AND_DARK = ["light", "dark"];

async function take(page, name, colorSchemes = LIGHT_AND_DARK) {
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme });
      // The whole page, and what is seen of it at first, where bars stick.
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}-top.png`) });
    }
  }
}

/** A hall with a crowd before its door is one of its own. */
async function takeWaitingRoom(browser) {
  const crowded = await crowdedHall();
  try {
    for (const [locale, name] of Object.entries({ en: "waiting", ar: "waiting-ar" })) {
      if (!isWanted(name)) continue;
      const { page, context } = await arrive(browser, crowded.base, { deviceScaleFactor: 1.5, locale });
      await page.goto("/exams");
      await take(page, name, locale === "ar" ? ["light"] : LIGHT_AND_DARK);
      await context.close();
    }
  } finally {
    await crowded.stop();
  }
}

async function takeAll(people, chosen, colorSchemes = LIGHT_AND_DARK) {
  let failures = 0;
  for (const { name, who, open } of chosen) {
    const { page } = people[who];
    try {
      await page.setViewportSize(DESKTOP);
      await open(page);
      await take(page, name, colorSchemes);
    } catch (error) {
      failures += 1;
      console.error(`${name}: ${error}`);
    }
  }
  console.log(`${chosen.length - failures} of ${chosen.length} pages are in ${folder}`);
  if (failures > 0) process.exitCode = 1;
}

/** The pages of people who read from right to left; what is light shows all that a direction changes. */
async function takeMirrored(browser, chosen) {
  const { people, pages } = await prepare(browser, hall, { deviceScaleFactor: 1.5, locale: "ar" });
  const open = new Map(pages.map((shown) => [`${shown.name}-ar`, shown.open]));
  await takeAll(people, chosen.map((shown) => ({ ...shown, open: open.get(shown.name) })), ["light"]);
}

const isWanted = (name) => wanted.length === 0 || wanted.some((part) => name.includes(part));

await mkdir(folder, { recursive: true });
const hall = await startHall();
let browser;
try {
  await publishEveryKind(hall);
  browser = await launch();
  const { people, pages } = await prepare(browser, hall, { deviceScaleFactor: 1.5 });
  if (wanted[0] === "readme") await takeForReadme(people, pages);
  else {
    await takeAll(people, pages.filter(({ name }) => isWanted(name)));
    const mirrored = pages.filter((shown) => !isOfStaff(shown)).map((shown) => ({ ...shown, name: `${shown.name}-ar` }));
    if (mirrored.some(({ name }) => isWanted(name))) await takeMirrored(browser, mirrored.filter(({ name }) => isWanted(name)));
    if (["waiting", "waiting-ar"].some(isWanted)) await takeWaitingRoom(browser);
  }
} finally {
  await browser?.close();
  await hall.stop();
}
