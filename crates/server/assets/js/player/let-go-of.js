// @ts-check
// What this device keeps of one person: what of it is still to be sent, and how all of it goes.

import { shelf as storage } from "../marks/device.js";
import { forget } from "../marks/kept.js";
import { letGo } from "./at-hand.js";
import { openShelf } from "./device.js";
import { isDue } from "./lifetime.js";

/** The attempt of something that has not reached the server, if there is one. @param {string} account @returns {Promise<string | undefined>} */
export async function unsentOf(account) {
  try {
    const kept = await (await openShelf()).list(account);
    return kept.find((one) => isDue(one, Date.now()))?.attempt;
  } catch {
    // A device that does not say keeps nothing that could be sent.
    return undefined;
  }
}

/** Lets everything go, as far as the device lets it. @param {string} account */
export async function letGoOf(account) {
  try {
    const shelf = await openShelf();
    for (const { attempt } of await shelf.list(account)) forget(storage(), attempt);
    await shelf.letGo((kept) => kept.account === account);
  } catch {
    // Nothing can be found there either.
  }
  await letGo();
}
