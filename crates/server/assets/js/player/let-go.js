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
    const isLate = unsent.length > 0 && (await bring(attempt, unsent));
    await shelf.letGo(attempt, Date.now() - KEPT_MS);
    const address = new URL(location.href);
    if (!isLate || address.searchParams.has("late")) return;
    address.searchParams.set("late", "1");
    location.replace(address);
  } catch {
    // What cannot be brought or let go now is when this page, or the next of its kind, is opened again.
  }
}

/**
 * Brings what was typed and never sent, for the record: it counts no longer, and nothing is added to an attempt that is closed. Fails while
 * the server cannot say what becomes of it.
 * @param {string} attempt @param {Kept[]} unsent @returns {Promise<boolean>} whether something came too late
 */
async function bring(attempt, unsent) {
  const address = `/api/v1/attempts/${attempt}`;
  const { answers } = /** @type {{ answers: Record<string, object> }} */ (await ask(address, "GET"));
  const lost = unsent.filter((kept) => !sorted([kept], answers).saved.includes(kept));
  if (lost.length === 0) return false;
  // Nobody takes a pen any more; without one, a number that was never used is one of this moment.
  const first = Date.now();
  const operations = lost.map(({ question, response }, index) => ({ seq: first + index, question, response }));
  const told = /** @type {{ code?: string, rejected?: { code: string }[] }} */ (await ask(`${address}/answers`, "PUT", { writer: 0, operations }));
  return told.code === "closed" || (told.rejected ?? []).some(({ code }) => code === "late");
}

/** @param {string} address @param {string} method @param {object} [body] @returns {Promise<unknown>} */
async function ask(address, method, body) {
  const response = await fetch(address, {
    method,
    headers: { accept: "application/json", ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  if (!response.ok && response.status !== 409) throw new Error(`${method} ${address}: ${response.status}`);
  return response.json();
}
