// A candidate in the middle of an exam, behind a line that can be cut.

import assert from "node:assert/strict";
import { arrive, somebody } from "./browser.mjs";
import { EVERY_KIND } from "./hall.mjs";
import { lay } from "./line.mjs";
import { canonical } from "./sitting.mjs";

/**
 * Starts an exam as somebody new, with the cookies of a browser.
 * @param {import("playwright-core").BrowserContext} context
 * @param {{ base: string }} hall asked directly, whatever becomes of the line
 */
export async function enrol(context, hall, slug = EVERY_KIND.slug) {
  const person = somebody();
  const ask = async (method, path, data) => {
    const response = await context.request.fetch(`${hall.base}/api/v1${path}`, { method, ...(data && { data }) });
    assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`);
    return response.json();
  };
  await ask("POST", "/accounts", person);
  const attempt = await ask("POST", `/exams/${slug}/attempts`, {});
  const watcher = await signIn(hall, person);
  return {
    person,
    attempt,
    ask,
    numberOf: (kind) => attempt.questions.find((question) => question.kind === kind).number,
    address: (base, number) => `${base}/attempts/${attempt.id}?question=${number}`,
    /** Asks with a session that no browser knows of. */
    watch: watcher,
    /** What the server holds, whatever has become of the browser. */
    answers: async () => canonical((await watcher("GET", `/attempts/${attempt.id}`)).answers),
  };
}

/** Signs somebody in outside of any browser. */
async function signIn(hall, { email, password }) {
  const ask = async (method, path, data, token) => {
    const response = await fetch(`${hall.base}/api/v1${path}`, {
      method,
      headers: { ...(data && { "content-type": "application/json" }), ...(token && { authorization: `Bearer ${token}` }) },
      ...(data && { body: JSON.stringify(data) }),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response.json();
  };
  const { token } = await ask("POST", "/session", { email, password });
  return (method, path, data) => ask(method, path, data, token);
}

/** Whatever the line does to requests is no fault of the page, nor is what a server says that is away or knows no session. */
export const LINE =
  /^(console: Failed to load resource: (net::ERR_\w+|the server responded with a status of (50\d|401) )|failed: \S+ \(net::ERR_\w+\)$|status (50\d|401): )/;

/**
 * Somebody new on the first question of an exam, in a browser profile of their own behind a line of their own.
 * @param {import("playwright-core").Browser} browser
 */
export async function sitBehindLine(browser, { there, slug = EVERY_KIND.slug, prepare = async () => {} }) {
  const line = await lay(there.base);
  const ana = await arrive(browser, line.base);
  ana.watch.expect(LINE);
  const exam = await enrol(ana.context, there, slug);
  await prepare(ana.context);
  await ana.page.goto(exam.address(line.base, 1));
  const leave = async () => {
    await ana.leave();
    await line.takeUp();
  };
  return { ...ana, exam, line, leave };
}
