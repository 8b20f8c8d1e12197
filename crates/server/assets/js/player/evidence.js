// @ts-check
// Answers that were never sent, once their attempt has ended: they do not count, but the server stores what comes after the end.

import { fitting } from "./batch.js";
import { request } from "./request.js";
import { sorted } from "./restore.js";

/** @typedef {import("./device.js").Kept} Kept */

/** What a server says of an attempt that has ended: that it has stored what it was sent, also where it has no room for more. */
const STORED = [200, 409, 422];

/**
 * Sends what the server does not hold. Fails while that cannot be asked or stored, and for an attempt that goes on.
 * @param {string} attempt one that has ended @param {Kept[]} unsent what this device keeps of it
 * @returns {Promise<{ late: number[], undecided: number[] }>} the questions whose answers came too late, and those that were answered
 *   elsewhere since and nobody has said which answer is meant
 */
export async function leaveEvidence(attempt, unsent) {
  if (unsent.length === 0) return { late: [], undecided: [] };
  const response = await request(attempt, "GET");
  if (!response.ok) throw new Error(`the attempt: ${response.status}`);
  const { state, answers, writer, last_seq: used } = /** @type {{ state: string, answers: Record<string, object>, writer: number, last_seq: number }} */ (
    await response.json()
  );
  if (state === "open") throw new Error("the attempt goes on");
  const found = sorted(unsent, answers);
  const held = new Set(found.saved);
  // In the order in which they were kept.
  await store(attempt, unsent.filter((one) => !held.has(one) && !one.isEvidence), writer, used);
  const news = (/** @type {Kept[]} */ all) => all.filter((one) => !one.isOvertaken).map(({ question }) => question).sort((a, b) => a - b);
  return { late: news(found.unsent), undecided: news(found.differing) };
}

/** @param {string} attempt @param {Kept[]} kept @param {number} writer @param {number} used the highest number of it */
async function store(attempt, kept, writer, used) {
  for (let [rest, seq] = [kept, used]; rest.length > 0; ) {
    const batch = fitting(rest);
    const operations = batch.map(({ question, response }) => ({ seq: (seq += 1), question, response }));
    const { status } = await request(attempt, "PUT", "answers", { writer, operations });
    if (!STORED.includes(status)) throw new Error(`the answers: ${status}`);
    rest = rest.slice(batch.length);
  }
}
