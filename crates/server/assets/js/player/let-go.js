// @ts-check
// A page on which somebody signs in, or of an attempt that has ended or is somebody else's: the paper is not kept here any longer, nor what
// was answered in an attempt that has ended, once the server has all of it.

import { letGo } from "./at-hand.js";
import { deviceShelf } from "./device.js";
import { leaveEvidence } from "./evidence.js";
import { isOutdated } from "./lifetime.js";

const [, attempt, isResult] = /^\/attempts\/([^/]+)(\/result)?$/.exec(location.pathname) ?? [];
void letGo(attempt);
void (attempt && isResult ? end(attempt) : sweep());

/** What nobody comes back to. */
async function sweep() {
  try {
    await (await deviceShelf()).letGo((kept) => isOutdated(kept, Date.now()));
  } catch {
    // What cannot be let go now is when a page of this kind is opened again.
  }
}

/** @param {string} attempt one that has ended */
async function end(attempt) {
  try {
    const shelf = await deviceShelf();
    const { late, undecided } = await leaveEvidence(attempt, await shelf.unsent(attempt));
    await shelf.letGo((kept) => kept.attempt === attempt || isOutdated(kept, Date.now()));
    const address = new URL(location.href);
    // Beside one that was sent from a form.
    const before = (address.searchParams.get("late") ?? "").split("-").filter((number) => number !== "");
    if (late.length > 0) address.searchParams.set("late", [...new Set([...before, ...late.map(String)])].join("-"));
    if (undecided.length > 0) address.searchParams.set("undecided", undecided.join("-"));
    // The page that handed in took it for late.
    if (undecided.length > 0 && late.length === 0) address.searchParams.delete("late");
    // Once more, with what is to be said of it.
    if (address.href !== location.href) location.replace(address);
  } catch {
    // What cannot be looked at, stored or let go now is when this page, or the next of its kind, is opened again.
  }
}
