// What a candidate types, read off the form, and what the page says of it. Of the page's making it knows only what a candidate sees.

import assert from "node:assert/strict";
import { answerForm, kindOf } from "./sitting.mjs";

/** What the form of the open question holds, as the API should hold it once it is saved; null when it is left open. */
export function held(page) {
  return answerForm(page).evaluate((element) => {
    const form = /** @type {HTMLFormElement} */ (element);
    const fields = new FormData(form);
    const family = (prefix) =>
      Object.fromEntries([...fields].filter(([name, value]) => name.startsWith(prefix) && value !== "").map(([name, value]) => [name.slice(prefix.length), value]));
    const some = (name, found) => (Object.keys(found).length > 0 ? { [name]: found } : null);
    switch (form.dataset.kind) {
      case "choice":
        return some("choice", fields.getAll("choice").sort());
      case "numeric":
        return fields.get("number") ? { number: fields.get("number") } : null;
      case "short_text":
        return fields.get("text") ? { text: fields.get("text") } : null;
      case "matching":
        return some("match", family("match."));
      case "cloze":
        return some("blanks", family("blank."));
      default: {
        const places = Object.entries(family("order."));
        return places.length === 0 ? null : { order: places.sort(([, a], [, b]) => Number(a) - Number(b)).map(([item]) => item) };
      }
    }
  });
}

/**
 * Changes the answer of the open question by one step, as a hand would.
 * @param {import("playwright-core").Page} page @param {() => number} random between 0 and 1
 * @returns {Promise<object>} what the form holds then
 */
export async function change(page, random) {
  const form = answerForm(page);
  const below = (count) => Math.floor(random() * count);
  const one = async (locator) => locator.nth(below(await locator.count()));
  switch (await kindOf(page)) {
    case "choice":
      await (await one(form.locator('input[name="choice"]:not(:checked)'))).check();
      break;
    case "numeric":
      await form.locator('input[name="number"]').fill(String(below(1_000_000)));
      break;
    case "short_text":
      await form.locator('input[name="text"]').fill(`word ${below(1_000_000)}`);
      break;
    case "matching":
      await (await one(form.locator('select[name^="match."]'))).selectOption({ index: 1 + below(2) });
      break;
    case "cloze": {
      const field = await one(form.locator('[name^="blank."]'));
      if (await field.evaluate((element) => element.localName === "select")) await field.selectOption({ index: 1 });
      else await field.fill(String(below(1_000_000)));
      break;
    }
    default:
      // Their buttons are of the scripts' making, and do nothing before.
      await ready(page);
      await (await one(form.locator("[data-move]:enabled"))).click();
  }
  const response = await held(page);
  assert.ok(response, "what was typed is there");
  return response;
}

/** Goes to a question by the navigator, and waits until it is there. */
export async function open(page, number) {
  const cell = page.locator(`.cell[value="${number}"]`);
  // On a narrow screen the navigator is folded away; a tab that has only been opened has neither yet.
  await cell.or(page.locator("#navigator-open")).filter({ visible: true }).first().waitFor();
  if (!(await cell.isVisible())) await page.locator("#navigator-open").click();
  await cell.click();
  await page.getByRole("heading", { level: 1, name: `Question ${number}`, exact: true }).waitFor();
}

/** Makes sure that all questions have come, so that the line may be cut: whoever moves has them at once. */
export async function fetchAll(page, number) {
  const other = number === 1 ? 2 : 1;
  await open(page, other);
  await open(page, number);
  // Whoever moves before the questions are here goes to another page, which fetches them again.
  await page.waitForFunction(async (path) => Boolean(await caches.match(path, { ignoreSearch: true })), `${new URL(page.url()).pathname}/questions`);
}

/** Waits until page, questions and files would come without a network. @param {import("playwright-core").Page} page */
export async function atHand(page) {
  await page.waitForFunction(async () => {
    if (!(await navigator.serviceWorker.getRegistration())?.active) return false;
    const files = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((file) => file.getAttribute("href") ?? file.getAttribute("src"));
    const path = location.pathname;
    const kept = await Promise.all([path, `${path}/questions`].map((address) => caches.match(address, { ignoreSearch: true })));
    return files.length > 0 && kept.every(Boolean);
  });
}

/** Waits until the words about saving are some, and gives them. @param {import("playwright-core").Page} page @param {RegExp} words */
export async function says(page, words) {
  const text = page.locator("#save-state .save-text");
  try {
    await text.filter({ hasText: words }).waitFor();
  } catch (error) {
    throw new Error(`it never said ${words}, but at last "${await text.textContent()}"`, { cause: error });
  }
  return text.innerText();
}

/** Waits until the scripts of a page speak for it: they know what the device keeps then. @param {import("playwright-core").Page} page */
export const ready = (page) => says(page, /^(?!Saved when you move on)./);

export const SAVED = /^(Saved|Cleared)$/;
/** How many answers are kept on the device. */
export const kept = (count) => (count === 1 ? /^Offline: 1 answer kept on this device$/ : new RegExp(`^Offline: ${count} answers kept on this device$`));

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). @param {number} seed */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Answers questions one after the other; gives what was typed, by question. */
export async function type(page, numbers, random) {
  const typed = {};
  for (const number of numbers) {
    await open(page, number);
    typed[number] = await change(page, random);
  }
  return typed;
}
