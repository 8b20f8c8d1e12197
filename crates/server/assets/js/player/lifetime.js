// @ts-check
// For how long this device keeps answers: others may use it too.

import { isUnsent } from "./device.js";

/** @typedef {import("./device.js").Kept} Kept */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long after the end of its time a saved answer is kept: somebody may have been given more. */
const SAVED_AFTER_END_MS = HOUR_MS;
/** How long a saved one is kept where no end is known, since it was given. */
const SAVED_MS = 7 * DAY_MS;
/** And one that never reached the server, so that whoever comes back hears of it. */
const UNSENT_MS = 30 * DAY_MS;

/** When an answer was given, by this device's clock. @param {Kept} kept */
const givenAt = ({ stamp }) => Number.parseInt(stamp, 10);

/** Whether nobody is to find an answer here any more. @param {Kept} kept @param {number} now */
export function isOutdated(kept, now) {
  if (isUnsent(kept)) return givenAt(kept) + UNSENT_MS < now;
  return (typeof kept.until === "number" ? kept.until + SAVED_AFTER_END_MS : givenAt(kept) + SAVED_MS) < now;
}

/** Whether an answer is still to be sent: of an attempt whose time is up it would only be told that it came too late. @param {Kept} kept @param {number} now */
export const isDue = (kept, now) => isUnsent(kept) && (kept.until ?? Infinity) > now;
