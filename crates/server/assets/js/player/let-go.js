// @ts-check
// A page of somebody who is not signed in, or whose attempt has ended: the paper is not kept here any longer, nor what was answered in an
// attempt that has ended.

import { letGo } from "./at-hand.js";
import { openShelf } from "./device.js";
import { sorted } from "./restore.js";

/** @typedef {import("./device.js").Kept} Kept */

/** For how long answers of an attempt are kept that nobody comes back to. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** How long a request may take. */
const REQUEST_MS = 15_000;

void letGo();
const [, attempt] = /^\/attempts\/([^/]+)\/result$/.exec(location.pathname) ?? [];
if (attempt) void end(attempt);

/** @param {string} attempt one that has ended */
async function end(attempt) {
  const shelf = await openShelf();
  try {
    const unsent = await shelf.unsent(attempt);
    const isLate = unsent.length > 0 && (await isMissing(attempt, unsent));
    await shelf.letGo(attempt, Date.now() - KEPT_MS);
    const address = new URL(location.href);
    if (!isLate || address.searchParams.has("late")) return;
    address.searchParams.set("late", "1");
    location.replace(address);
  } catch {
    // What cannot be looked at or let go now is when this page, or the next of its kind, is opened again.
  }
}

/**
 * Whether something of what was never sent is missing on the server. An attempt that has ended takes nothing more, not even as evidence.
 * Fails while the server cannot be asked.
 * @param {string} attempt @param {Kept[]} unsent @returns {Promise<boolean>}
 */
async function isMissing(attempt, unsent) {
  const response = await fetch(`/api/v1/attempts/${attempt}`, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  if (!response.ok) throw new Error(`the attempt: ${response.status}`);
  const { answers } = /** @type {{ answers: Record<string, object> }} */ (await response.json());
  return sorted(unsent, answers).saved.length < unsent.length;
}
