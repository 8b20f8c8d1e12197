// @ts-check
// Whether the server still holds what it acknowledged to this device. A server that was restored from a backup, or whose standby took its
// place too early, knows less than it has said; what this device keeps of it is sent again.

import { canonical } from "../answer.js";

/** @typedef {import("./device.js").Kept} Kept */

/** The number of an operation. @typedef {{ writer: number, seq: number }} Identity */
/**
 * What the server tells of an attempt.
 * @typedef {{ state: string, answers: Record<string, object>, latest?: Record<string, Identity>, writer: number,
 *   checked?: { number: number, correct: boolean, points: number }[] }} Told
 */

/** Whether an operation was numbered before another one. @param {Identity} one @param {Identity} other */
const isBefore = (one, other) => one.writer < other.writer || (one.writer === other.writer && one.seq < other.seq);

/**
 * Of the answers that the server has acknowledged to this device, those that it holds no longer: `lost` where it holds what it had held
 * before them, so that they are to be sent again; `differing` where it holds something else, from somewhere else, though numbers say
 * that it is older (a pen was given out a second time); `replaced` where a later answer has taken their place.
 * @param {Kept[]} kept as this device kept it before the server was asked @param {Told} told
 */
export function missing(kept, { answers, latest }) {
  /** @type {{ lost: Kept[], differing: Kept[], replaced: Kept[] }} */
  const found = { lost: [], differing: [], replaced: [] };
  // A server that does not tell has lost nothing that could be known.
  if (!latest) return found;
  for (const one of kept) {
    if (!one.isSaved || !one.at) continue;
    const held = canonical(answers[one.question] ?? null);
    if (held === canonical(one.response)) continue;
    const last = latest[one.question];
    if (last && !isBefore(last, one.at)) found.replaced.push(one);
    else if (!last || (one.past ?? []).some((past) => canonical(JSON.parse(past)) === held)) found.lost.push(one);
    else found.differing.push(one);
  }
  return found;
}
