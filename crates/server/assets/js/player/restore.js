// @ts-check
// What this device keeps and the server does not hold: what an earlier page could not send, and what the server has lost since. It is
// sent, unless the question was answered elsewhere since: then the person says which answer is meant.

import { canonical } from "../answer.js";
import { isUnsent } from "./device.js";
import { missing } from "./lost.js";

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./lost.js").Told} Told */
/** @typedef {import("./outbox.js").Outbox} Outbox */

/** @typedef {Pick<Kept, "question" | "response">} Given */

/**
 * @typedef {object} Sheets what the page shows
 * @property {() => Promise<Told>} look asks what the server holds, and shows it
 * @property {(given: Given) => void} hold shows what the server holds of a question
 * @property {(question: number) => boolean} isRefused whether the answer to a question was refused, and the question not answered elsewhere since
 * @property {(given: Given) => void} putBack shows an answer that is not saved
 * @property {import("./asked.js").Asked} asked what the person is asked about
 */

/**
 * What is to become of kept answers: known to the server already, to be sent, or answered elsewhere since.
 * @param {Kept[]} kept @param {Record<string, object>} answers
 */
export function sorted(kept, answers) {
  /** @type {{ saved: Kept[], unsent: Kept[], differing: Kept[] }} */
  const found = { saved: [], unsent: [], differing: [] };
  for (const one of kept) {
    const held = answers[one.question] ?? null;
    if (canonical(held) === canonical(one.response)) found.saved.push(one);
    else if (replaces(one, held)) found.unsent.push(one);
    else found.differing.push(one);
  }
  return found;
}

/**
 * Whether the server lacks something of what this device keeps: it was never sent, or is lost since.
 * @param {Kept[]} kept @param {Told} told
 */
export function lacks(kept, told) {
  const { unsent, differing } = sorted(kept.filter(isUnsent), told.answers);
  const { lost, differing: others } = missing(kept, told);
  return unsent.length + differing.length + lost.length + others.length > 0;
}

/**
 * @param {Outbox} outbox @param {Sheets} sheets @param {boolean} isOld whether the page came from this device instead of the server
 * @returns {Promise<boolean>} whether something is kept that the server has judged
 */
export async function restore(outbox, sheets, isOld) {
  const { account, attempt } = outbox.page;
  const all = await outbox.shelf.list(account, attempt).catch(() => []);
  for (const { question, response, bases, past = [] } of all) outbox.noted(question, [...past, ...bases, JSON.stringify(response)]);
  const kept = all.filter((one) => isUnsent(one) && !outbox.unsent.has(one.question));
  // Nothing is to come of what was refused, but it is there to be mended.
  for (const one of all.filter((other) => other.isRefused && !outbox.unsent.has(other.question))) {
    outbox.refuse(one);
    // Of an old page, what was to be replaced is newer.
    if (isOld) outbox.listener.saved({ ...one, response: JSON.parse(one.bases.at(-1) ?? "null") });
    if (sheets.isRefused(one.question)) sheets.putBack(one);
  }
  // Of an old page, what this device knows is newer.
  for (const one of all) {
    if (!isOld || !one.isSaved || outbox.unsent.has(one.question)) continue;
    outbox.listener.saved(one);
    sheets.hold(one);
  }
  const hasSaved = all.some((one) => !isUnsent(one));
  // Something else may have been answered elsewhere meanwhile, or since this page was kept; that is asked first, as soon as it can be.
  if (isOld || kept.length > 0) outbox.doubts += 1;
  outbox.adopt(kept);
  for (const one of kept) sheets.putBack(one);
  return hasSaved;
}

/** What the server holds of the question of an answer, in the place of it. @param {Kept} one @param {Told} told @returns {Kept} */
function replaced(one, { answers, latest }) {
  const at = latest?.[one.question];
  return { ...one, response: answers[one.question] ?? null, partly: false, ...(at && { at }) };
}

/** Whether a question still holds what an answer was to replace. @param {Kept} kept @param {object | null} held */
export const replaces = ({ bases }, held) => bases.some((base) => canonical(JSON.parse(base)) === canonical(held));

/**
 * Asks what the server holds, and keeps back what is unsent where something else was answered since, until the person says what is meant.
 * @param {Outbox} outbox @param {Sheets} sheets
 */
export async function compare(outbox, sheets) {
  const told = await sheets.look();
  const { saved, differing } = sorted([...outbox.unsent.values()], told.answers);
  for (const one of saved) {
    outbox.done({ ...replaced(one, told), partly: one.partly });
    outbox.listener.saved(one);
    sheets.hold(one);
  }
  leaveOpen(outbox, differing, sheets, told);
}

/**
 * Sends again what the server has lost. Where it holds something else, the person is asked.
 * @param {Outbox} outbox @param {Sheets} sheets @param {Kept[]} kept as it was before the server was asked @param {Told} told
 */
export function sendAgain(outbox, sheets, kept, told) {
  const known = kept.filter((one) => !outbox.unsent.has(one.question) && !sheets.asked.has(one.question));
  const { lost, differing, replaced: outdone } = missing(known, told);
  for (const one of outdone) outbox.done(replaced(one, told));
  // Its pens begin anew, too; one of this page's may be somebody else's by now.
  if (lost.length + differing.length > 0 || told.writer < outbox.writer) outbox.hasPen = false;
  for (const one of lost) {
    const response = told.answers[one.question] ?? null;
    outbox.listener.saved({ ...one, response });
    outbox.save(one.question, one.response, JSON.stringify(response), one.partly);
    sheets.putBack(one);
  }
  leaveOpen(outbox, differing, sheets, told);
}

/** @param {Outbox} outbox @param {Kept[]} differing @param {Sheets} sheets @param {Told} told */
function leaveOpen(outbox, differing, sheets, told) {
  for (const one of differing) {
    outbox.unsent.delete(one.question);
    sheets.hold({ question: one.question, response: told.answers[one.question] ?? null });
    sheets.asked.add(one, replaced(one, told));
  }
}

/** Those kept here are meant. @param {Outbox} outbox @param {Sheets} sheets */
export function useKept(outbox, sheets) {
  for (const { kept, held } of sheets.asked.take()) {
    // What the server holds by now was seen, and is replaced knowingly.
    outbox.save(kept.question, kept.response, JSON.stringify(held.response), kept.partly);
    sheets.putBack(kept);
  }
}

/** Those of the server are meant. @param {Outbox} outbox @param {Sheets} sheets */
export function dropKept(outbox, sheets) {
  for (const { held } of sheets.asked.take()) outbox.done(held);
}
