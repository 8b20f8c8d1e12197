// @ts-check
// What tries of the network and two clocks come to. No page in here.

import { face } from "../clock.js";

/** Up to here an answer of the server is hardly waited for. */
const GOOD_MS = 500;
/** A clock that is this wrong misleads nobody. */
const CLOCK_MS = 10_000;
/** What the server says of its time is in whole seconds. */
const SECOND_MS = 1_000;

/**
 * @typedef {object} Try
 * @property {number} ms how long the answer took
 * @property {number} requestedAt by the device's clock, milliseconds
 * @property {number} answeredAt by the device's clock, milliseconds
 * @property {number | null} date the server's time by its answer, milliseconds cut to whole seconds
 */

/**
 * How good the connection is.
 * @param {(Try | null)[]} tries null for one that got no answer
 * @returns {{ state: "good" | "fair" | "poor" | "bad", ms: number, failed: number }} `ms` is the slowest answer
 */
export function judgeConnection(tries) {
  const answered = tries.filter((one) => one !== null);
  const failed = tries.length - answered.length;
  const ms = Math.max(0, ...answered.map((one) => one.ms));
  if (answered.length === 0) return { state: "bad", ms, failed };
  if (failed > 0) return { state: "poor", ms, failed };
  return { state: ms <= GOOD_MS ? "good" : "fair", ms, failed };
}

/**
 * How far the device's clock is ahead of the server's: the middle of what it can be by all tries; null when nothing tells.
 * @param {(Try | null)[]} tries
 */
export function clockAhead(tries) {
  let [least, most] = [-Infinity, Infinity];
  for (const one of tries) {
    if (!one || one.date === null) continue;
    // The server's time was told somewhere between asking and answering, and is up to a second later than it says.
    least = Math.max(least, one.requestedAt - one.date - SECOND_MS);
    most = Math.min(most, one.answeredAt - one.date);
  }
  if (!Number.isFinite(least) || !Number.isFinite(most)) return null;
  return (least + most) / 2;
}

/** @param {number | null} ahead milliseconds @returns {"good" | "fast" | "slow" | "unknown"} */
export function judgeClock(ahead) {
  if (ahead === null) return "unknown";
  if (Math.abs(ahead) <= CLOCK_MS) return "good";
  return ahead > 0 ? "fast" : "slow";
}

/**
 * How much a browser keeps.
 * @param {{ local: boolean, database: boolean }} works
 * @returns {"good" | "fair" | "bad"}
 */
export function judgeStorage({ local, database }) {
  return local && database ? "good" : local || database ? "fair" : "bad";
}

/**
 * The time until something begins, as a clock shows it: "1:05:09", "05:09"; null from two days on.
 * @param {number} seconds
 */
export function countdown(seconds) {
  return seconds >= 48 * 3_600 ? null : face(seconds);
}
