// Every page there is, each as somebody sees it: for what must hold on all of them, and for pictures.

import assert from "node:assert/strict";
import { arrive, enterDemo, somebody } from "./browser.mjs";
import { EVERY_KIND, PRACTICE, fixture } from "./hall.mjs";

/**
 * @typedef {object} Shown
 * @property {string} name a file name without its ending
 * @property {"guest" | "newcomer" | "sitter" | "candidate" | "author" | "admin"} who
 * @property {(page: import("playwright-core").Page) => Promise<unknown>} open
 * @property {number} [status] when it is not 200
 */

/** Whether a page is of the staff area, which is in English for everybody. @param {Shown} shown */
export const isOfStaff = ({ name }) => name.startsWith("staff-") || name === "forbidden";

/**
 * The people and their attempts that the pages need.
 * @param {import("playwright-core").Browser} browser
 */
export async function prepare(browser, hall, options = {}) {
  const people = {};
  for (const who of ["guest", "newcomer", "sitter", "candidate", "author", "invigilator", "admin"]) {
    people[who] = await arrive(browser, hall.base, options);
  }
  const { newcomer, sitter } = people;
  await newcomer.api("POST", "/accounts", somebody("Mia Newcomer"));
  await sitter.api("POST", "/accounts", somebody("Tom Sitter"));
  for (const role of ["candidate", "author", "invigilator", "admin"]) await enterDemo(people[role].page, hall.demoLink, role);

  // An attempt that is going on, with half of its answers; and one that has ended, good and bad answers mixed.
  const open = await sitter.api("POST", `/exams/${EVERY_KIND.slug}/attempts`, {});
  await sitter.api("PUT", `/attempts/${open.id}/answers`, { operations: responses(open.questions).slice(0, 4) });
  const ended = await sitter.api("POST", "/exams/security-awareness/attempts", {});
  await sitter.api("PUT", `/attempts/${ended.id}/answers`, { operations: responses(ended.questions).slice(0, -2) });
  await sitter.api("POST", `/attempts/${ended.id}/submit`);
  const timed = await sitter.api("POST", "/exams/cloud-fundamentals/attempts", {});
  await sitter.api("PUT", `/attempts/${timed.id}/answers`, { operations: responses(timed.questions.map(spoilt)).filter((_, index) => index < 9 || timed.questions[index].choose) });
  // A practice with all but one kind checked, and one bookmarked; and one that has ended, to be drilled.
  const practice = await sitter.api("POST", `/exams/${PRACTICE.slug}/attempts`, {});
  await sitter.api("PUT", `/attempts/${practice.id}/answers`, { operations: responses(practice.questions) });
  const toCheck = practice.questions.filter(({ kind }) => kind !== UNCHECKED);
  for (const { number } of toCheck) await sitter.api("POST", `/attempts/${practice.id}/questions/${number}/check`);
  await bookmark(sitter, practice.id, toCheck[0].number);
  const past = await people.candidate.api("POST", `/exams/${PRACTICE.slug}/attempts`, {});
  await people.candidate.api("PUT", `/attempts/${past.id}/answers`, { operations: responses(past.questions.map(spoilt)) });
  await people.candidate.api("POST", `/attempts/${past.id}/submit`);
  await bookmark(people.candidate, past.id, 2);
  const link = await makeLink(people.admin.page);
  return { people, pages: pages(hall, { open, ended, timed, practice, past, link }) };
}

/** The kind of question that is left to be checked: papers are shuffled. */
const UNCHECKED = "numeric";

/** Bookmarks a question, which is answered with nothing. */
async function bookmark(person, attempt, number) {
  const response = await person.context.request.put(`/api/v1/attempts/${attempt}/questions/${number}/bookmark`);
  assert.equal(response.status(), 204);
}

/** A question that is to be answered so that it is sure to earn nothing, if that can be done: with too many options, or no number. */
const spoilt = (question) => ({ ...question, isSpoilt: true, ...(question.choose && { choose: question.choose + 1 }) });

/** Something to answer to every question. */
function responses(questions) {
  const respond = {
    choice: ({ options, choose = 1 }) => ({ choice: options.slice(0, choose).map(({ id }) => id) }),
    numeric: ({ isSpoilt }) => ({ number: isSpoilt ? "about 120" : "120" }),
    short_text: () => ({ text: "ls" }),
    matching: ({ stems, options }) => ({ match: Object.fromEntries(stems.map(({ id }, index) => [id, options[index].id])) }),
    ordering: ({ options }) => ({ order: options.map(({ id }) => id) }),
    cloze: ({ blanks }) => ({ blanks: Object.fromEntries(blanks.map((blank) => [blank.number, blank.options?.[0].id ?? "7"])) }),
  };
  return questions.map((question, index) => {
    const { number, kind } = question;
    assert.ok(Object.hasOwn(respond, kind), `the tests know how to answer ${kind}`);
    return { seq: index + 1, question: number, response: respond[kind](question) };
  });
}

/** @returns {Shown[]} */
function pages(hall, { open, ended, timed, practice, past, link }) {
  const at = (address, who, name, status) => ({ name, who, status, open: (page) => page.goto(address) });
  const byLink = (address, selector) => async (page) => {
    await page.goto(address);
    await page.goto(await page.locator(selector).first().getAttribute("href"));
  };
  const taking = open.questions.map(({ number, kind, multiple }) =>
    at(`/attempts/${open.id}?question=${number}`, "sitter", `take-${multiple ? "choice-many" : kind.replace("_", "-")}`),
  );
  const checked = practice.questions.map(({ number, kind, multiple }) =>
    at(
      `/attempts/${practice.id}?question=${number}`,
      "sitter",
      kind === UNCHECKED ? "checkable" : `checked-${multiple ? "choice-many" : kind.replace("_", "-")}`,
    ),
  );
  return [
    at("/", "guest", "home"),
    at("/sign-up", "guest", "sign-up"),
    {
      name: "sign-up-mistakes",
      who: "guest",
      status: 422,
      open: async (page) => {
        await page.goto("/sign-up");
        await page.locator("#email").fill("no address");
        await page.locator("main form button").click();
        await page.locator(".error-summary").waitFor();
      },
    },
    at("/sign-in", "guest", "sign-in"),
    at("/sign-in?signed-out", "guest", "sign-in-signed-out"),
    at("/sign-in?required&next=/results", "guest", "sign-in-required"),
    at(hall.setUpLink, "guest", "set-up"),
    at(`${hall.base}/setup?token=spent`, "guest", "set-up-spent", 422),
    at("/sign-in?new-password", "guest", "sign-in-new-password"),
    at(link, "guest", "new-password"),
    at("/new-password?token=spent", "guest", "new-password-spent", 422),
    at(hall.demoLink, "guest", "demo"),
    at("/exams", "guest", "catalogue"),
    at("/exams/cloud-fundamentals", "guest", "intro-guest"),
    at("/exams/cloud-fundamentals/trial", "guest", "trial"),
    at("/nowhere", "guest", "not-found", 404),

    at("/dashboard", "newcomer", "dashboard-empty"),
    at("/results", "newcomer", "history-empty"),
    at("/exams/cloud-fundamentals", "newcomer", "intro-exam"),
    at("/exams/cloud-fundamentals-practice", "newcomer", "intro-practice"),
    at("/account/password", "newcomer", "password"),
    at("/account/password?changed", "newcomer", "password-changed"),
    {
      name: "password-mistakes",
      who: "newcomer",
      status: 422,
      open: async (page) => {
        await page.goto("/account/password");
        await page.locator("#current_password").fill("not the password");
        await page.locator("main form button").click();
        await page.locator(".error-summary").waitFor();
      },
    },
    at("/admin", "newcomer", "forbidden", 403),

    at("/exams", "sitter", "catalogue-in-progress"),
    at(`/exams/${EVERY_KIND.slug}`, "sitter", "intro-in-progress"),
    ...taking,
    at(`/attempts/${timed.id}?question=${choiceOf(timed)}`, "sitter", "take-timed"),
    at(`/attempts/${open.id}/review`, "sitter", "review"),
    { name: "take-marked", who: "sitter", open: (page) => mark(page, `/attempts/${timed.id}?question=${choiceOf(timed)}`) },
    { name: "take-notices", who: "sitter", open: (page) => showNotices(page, `/attempts/${open.id}?question=1`) },
    { name: "take-keys", who: "sitter", open: (page) => listKeys(page, `/attempts/${timed.id}?question=1`) },
    { name: "review-marked", who: "sitter", open: (page) => page.goto(`/attempts/${timed.id}/review`) },
    { name: "review-asked", who: "sitter", open: (page) => askBeforeSubmitting(page, `/attempts/${timed.id}/review`) },
    ...checked,
    at(`/exams/${PRACTICE.slug}`, "candidate", "intro-drills"),
    at(`/attempts/${past.id}/result`, "candidate", "result-practice"),
    at(`/attempts/${ended.id}/result`, "sitter", "result"),
    at(`/attempts/${ended.id}/result?show=missed`, "sitter", "result-missed"),
    at("/dashboard", "sitter", "dashboard-in-progress"),

    at("/dashboard", "candidate", "dashboard"),
    at("/results", "candidate", "history"),
    { name: "result-passed", who: "candidate", open: byLink("/results", '.row:has(.state.right) .row-title') },

    at("/admin", "admin", "staff-overview"),
    at("/admin/attempts", "admin", "staff-attempts"),
    at("/admin/attempts?person=nobody", "admin", "staff-attempts-none"),
    { name: "staff-attempt", who: "admin", open: byLink("/admin/attempts?person=Tom", ".row-action a") },
    at("/admin/exams", "author", "staff-exams"),
    at("/admin/exams/new", "author", "staff-exam-new"),
    at("/admin/exams/cloud-fundamentals", "author", "staff-exam"),
    at("/admin/exams/cloud-fundamentals/edit", "author", "staff-exam-edit"),
    at("/admin/banks", "author", "staff-banks"),
    at("/admin/banks/cloud-fundamentals", "author", "staff-bank"),
    { name: "staff-question", who: "author", open: byLink("/admin/banks/cloud-fundamentals", ".main-cell a") },
    { name: "staff-question-cloze", who: "author", open: byLink(`/admin/banks/${EVERY_KIND.slug}?kind=cloze`, ".main-cell a") },
    { name: "staff-import-report", who: "author", open: (page) => dryRun(page) },
    at("/admin/operations", "admin", "staff-operations"),
    at("/admin/accounts", "admin", "staff-accounts"),
    { name: "staff-account", who: "admin", open: byLink("/admin/accounts?search=Tom", ".row-action a") },
    { name: "staff-account-link", who: "admin", open: (page) => makeLink(page) },
  ];
}

/** An answered question with one right option. */
const choiceOf = ({ questions }) => questions.find(({ kind, multiple }) => kind === "choice" && !multiple).number;

/** Flagged, with two options struck. */
async function mark(page, address) {
  await page.goto(address);
  if ((await page.locator(".flag").getAttribute("aria-pressed")) === "false") await page.locator(".flag").click();
  if ((await page.locator(".strikes").getAttribute("aria-pressed")) === "false") await page.locator(".strikes").click();
  for (const button of (await page.locator('.strike[aria-pressed="false"][aria-disabled="false"]').all()).slice(0, 2)) await button.click();
}

/** Everything that may have to be said beside a question, at once. */
async function showNotices(page, address) {
  await page.goto(address);
  // Until the page has looked what this device keeps, it hides what need not be said.
  await page.locator('#save-state:is([data-state="saved"], [data-state="idle"])').waitFor();
  await page.evaluate(() => {
    const differs = /** @type {HTMLElement} */ (document.querySelector("#kept-differs"));
    /** @type {HTMLElement} */ (differs.querySelector("p")).textContent = (differs.dataset.text ?? "").replace("%q", "1, 3");
    const pattern = /** @type {HTMLTemplateElement} */ (document.getElementById("kept-two"));
    for (const [question, ...answers] of [["Question 1", "B. A timer unit", "C. A cron table"], ["Question 3", "8080", "443"]]) {
      const row = /** @type {DocumentFragment} */ (pattern.content.cloneNode(true));
      for (const [index, place] of [...row.querySelectorAll("[data-name], dd")].entries()) place.textContent = [question, ...answers][index] ?? "";
      differs.querySelector(".kept-answers")?.append(row);
    }
    const wrong = /** @type {HTMLElement} */ (document.querySelector("#sign-in-again"));
    /** @type {HTMLElement} */ (wrong.querySelector(".sign-in-problem")).textContent = wrong.dataset.wrong ?? "";
    for (const notice of document.querySelectorAll("#not-sent, #check-unanswered, #check-partly, #attempt-gone, #attempt-ended, #kept-differs, #sign-in-again, #take-over")) /** @type {HTMLElement} */ (notice).hidden = false;
  });
  await page.locator("#take-over-button").waitFor();
}

async function listKeys(page, address) {
  await page.goto(address);
  await page.locator(".question-tools").waitFor();
  await page.keyboard.press("?");
  await page.locator("#shortcuts").waitFor();
}

async function askBeforeSubmitting(page, address) {
  await page.goto(address);
  await page.locator('#submit-form button[type="submit"]').click();
  await page.locator("#submit-dialog").waitFor();
}

/** Has an admin make an account, and a link by which its person sets a new password; the link. */
async function makeLink(page) {
  const form = { ...somebody("Rosa Forgetful"), role: "candidate" };
  const made = await page.request.post("/admin/accounts", { form });
  assert.equal(made.status(), 200);
  await page.goto(made.url());
  await page.getByRole("button", { name: "Make a link for a new password" }).click();
  return page.locator("#password_link").inputValue();
}

async function dryRun(page) {
  await page.goto(`/admin/banks/${EVERY_KIND.slug}`);
  await page.locator("details.disclosure summary").click();
  await page.locator("#file").setInputFiles(fixture("one-broken-row.csv"));
  await page.getByLabel("Dry run").check();
  await page.getByRole("button", { name: "Send file" }).click();
  await page.waitForURL("**/import");
}

