// Sitting an exam: answering questions of every kind, with scripts or without.

import assert from "node:assert/strict";
import { arrive, signUp } from "./browser.mjs";
import { EVERY_KIND } from "./hall.mjs";

/** How each kind is answered through its form; gives the response that the API should hold then. */
const ANSWER = {
  async choice(form) {
    const choose = Number((await form.locator(".options").getAttribute("data-choose")) ?? 1);
    const boxes = form.locator('input[name="choice"]');
    const choice = [];
    for (let index = 0; index < choose; index += 1) {
      // The last ones, so that a marked first option would be noticed.
      const box = boxes.nth((await boxes.count()) - 1 - index);
      await box.check();
      choice.push(await box.inputValue());
    }
    return { choice: choice.sort() };
  },
  async numeric(form) {
    await form.locator('input[name="number"]').fill("120");
    return { number: "120" };
  },
  async short_text(form) {
    await form.locator('input[name="text"]').fill("ls");
    return { text: "ls" };
  },
  async matching(form) {
    const match = {};
    for (const select of await form.locator('select[name^="match."]').all()) {
      await select.selectOption({ index: 1 + Object.keys(match).length });
      match[(await select.getAttribute("name")).slice("match.".length)] = await select.inputValue();
    }
    return { match };
  },
  async ordering(form, withScripts) {
    const items = form.locator(".order-item");
    const count = await items.count();
    if (withScripts) {
      // The first one to the end, step by step.
      const first = form.locator(`.order-item[data-item="${await items.first().getAttribute("data-item")}"]`);
      for (let step = 1; step < count; step += 1) await first.locator('[data-move="down"]').click();
    } else {
      for (const [index, item] of (await items.all()).entries()) {
        await item.locator("select").selectOption(String(count - index));
      }
    }
    const order = await items.evaluateAll((rows) => {
      const place = (row) => Number(row.querySelector("select")?.value);
      return rows.toSorted((a, b) => place(a) - place(b)).map((row) => row.getAttribute("data-item"));
    });
    return { order };
  },
  async cloze(form) {
    const blanks = {};
    for (const field of await form.locator('[name^="blank."]').all()) {
      if (await field.evaluate((element) => element.localName === "select")) await field.selectOption({ index: 1 });
      else await field.fill("7");
      blanks[(await field.getAttribute("name")).slice("blank.".length)] = await field.inputValue();
    }
    return { blanks };
  },
};

export const KINDS = Object.keys(ANSWER);

export const answerForm = (page) => page.locator("#answer-form");
export const kindOf = (page) => answerForm(page).getAttribute("data-kind");

/** Answers the question that is open; gives its kind and the response. */
export async function answer(page, { withScripts = true } = {}) {
  const kind = await kindOf(page);
  assert.ok(Object.hasOwn(ANSWER, kind), `the tests know how to answer ${kind}`);
  return { kind, response: await ANSWER[kind](answerForm(page), withScripts) };
}

/** Waits for the words beside the place in the bar. */
export async function waitForSaveState(page, state) {
  await page.locator(`#save-state[data-state="${state}"]`).waitFor();
  return page.locator("#save-state .save-text").innerText();
}

/** What the form holds, fields as names and values. */
export const fields = (page) =>
  answerForm(page).evaluate((form) =>
    [...new FormData(/** @type {HTMLFormElement} */ (form))].filter(([name]) => name !== "writer" && name !== "seq"),
  );

/** Saves and moves on; from the last question that is to the review. */
export const next = (page) => page.locator('.moves :is([value="next"], [value="review"]):visible').click();

/** Submits from the review; with something open, one is asked once more where there are scripts. */
export async function submitExam(page) {
  await page.getByRole("button", { name: "Submit exam" }).click();
  const anyway = page.locator("#submit-anyway");
  await Promise.race([page.waitForURL(/\/result/), anyway.waitFor()]);
  if (!/\/result/.test(page.url())) await anyway.click();
}

export const attemptId = (page) => new URL(page.url()).pathname.split("/")[2];

/** Answers as the API holds them, marks of a choice in order of their letters. */
export function canonical(answers) {
  const sorted = (response) => (response.choice ? { choice: [...response.choice].sort() } : response);
  return Object.fromEntries(Object.entries(answers).map(([number, response]) => [number, sorted(response)]));
}

/**
 * Somebody new on a question of the exam with every kind: the first that is wanted.
 * @param {import("playwright-core").Browser} browser
 * @param {(question: { number: number, kind: string, multiple?: boolean }) => boolean} wanted
 * @param {import("playwright-core").BrowserContextOptions} options
 */
export async function sitting(browser, hall, wanted = () => true, options = {}) {
  const ana = await arrive(browser, hall.base, options);
  await signUp(ana.page);
  const { id, questions } = await ana.api("POST", `/exams/${EVERY_KIND.slug}/attempts`, {});
  const { number } = questions.find(wanted);
  await ana.page.goto(`/attempts/${id}?question=${number}`);
  return { ...ana, id, number };
}
