// A candidate in the middle of an exam, behind a line that can be cut.

import assert from "node:assert/strict";
import { somebody } from "./browser.mjs";
import { EVERY_KIND } from "./hall.mjs";
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
