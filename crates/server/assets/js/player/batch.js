// @ts-check
// How much one request carries.

/** How many answers one request carries at most. */
const BATCH = 50;
/** And how many bytes of them, unless a single one is longer: browsers refuse to let more than 64 KiB outlive a page. */
const BATCH_BYTES = 48 * 1024;
export const KEEPALIVE_BYTES = 60 * 1024;
/** What the number and the question of an answer take. */
const ENVELOPE_BYTES = 64;

const encoder = new TextEncoder();
/** @param {string} text */
export const bytes = (text) => encoder.encode(text).length;

/**
 * As many of the first ones as one request carries.
 * @template {{ response: object | null }} Entry
 * @param {Entry[]} entries @returns {Entry[]}
 */
export function fitting(entries) {
  let room = BATCH_BYTES;
  const most = entries.slice(0, BATCH);
  const end = most.findIndex((entry, index) => {
    room -= bytes(JSON.stringify(entry.response)) + ENVELOPE_BYTES;
    return room < 0 && index > 0;
  });
  return end < 0 ? most : most.slice(0, end);
}
