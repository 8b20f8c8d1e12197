// @ts-check
// A page of somebody who is not signed in, or whose attempt has ended: the paper is not kept here any longer, nor what was answered in an
// attempt that has ended.

import { forgetAge, letGo } from "./at-hand.js";
import { openShelf } from "./device.js";

/** For how long answers of an attempt are kept that nobody comes back to. */
const KEPT_MS = 30 * 24 * 3_600_000;

void letGo();
const [, attempt] = /^\/attempts\/([^/]+)\/result$/.exec(location.pathname) ?? [];
if (attempt) {
  forgetAge(attempt);
  const shelf = await openShelf();
  // What cannot be let go now is when the next attempt ends.
  await shelf.letGo(attempt, Date.now() - KEPT_MS).catch(() => {});
}
