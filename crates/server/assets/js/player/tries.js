// @ts-check
// When something is tried again that the server did not take: with more and more time between, and why it has to wait.

import { between } from "../clock.js";

/** @typedef {import("./request.js").Hold} Hold */
/** @typedef {import("./request.js").Retry} Retry */

/** How long to wait before trying again, growing with each failure. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export class Tries {
  /** @param {() => void} again called when it is time */
  constructor(again) {
    this.again = again;
    /** How many in a row. */
    this.failures = 0;
    /** Why it has to wait. @type {Hold | null} */
    this.hold = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** Until when a busy server is left alone, by `performance.now()`. */
    this.notBefore = 0;
  }

  get isWaiting() {
    return this.timer !== undefined;
  }

  /** Whether a server that is busy has been left alone for as long as it has said. */
  get isAllowed() {
    return performance.now() >= this.notBefore;
  }

  /** Waits no longer, whatever the server has said. */
  begin() {
    this.notBefore = 0;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  succeeded() {
    this.failures = 0;
    this.hold = null;
  }

  /** @param {Retry} reason */
  failed(reason) {
    const wait = WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.hold = reason.hold;
    // Jitter, so that a hall full of pages does not come back all at once, and none before it was told to.
    const delay = Math.max(wait * between([0.75, 1.25]), reason.afterMs * between([1, 1.5]));
    this.notBefore = reason.hold === "busy" ? performance.now() + reason.afterMs : 0;
    this.timer = setTimeout(this.again, delay);
  }
}
