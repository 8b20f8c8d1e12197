// @ts-check
// Notices that a device has slept: that may have stopped its monotonic clock, and the wall clock shows it. By how much, the server says.

/** How far the two may go apart before the server is asked. */
const TOLERANCE_MS = 2_000;
/** How long after a try that failed the next one comes: the network may not be up yet. */
const AGAIN_MS = 3_000;

const apart = () => Date.now() - performance.now();

export class Wake {
  /** @param {() => Promise<unknown>} ask asks the server for the time, and fails when it does not answer */
  constructor(ask) {
    this.ask = ask;
    this.apart = apart();
    this.isAsking = false;
    /** By `performance.now()`. */
    this.notBefore = 0;
  }

  /** The server has said what time it is now. */
  told() {
    this.apart = apart();
  }

  /** To be called every now and then. */
  look() {
    if (this.isAsking || performance.now() < this.notBefore || Math.abs(apart() - this.apart) < TOLERANCE_MS) return;
    void this.askNow();
  }

  async askNow() {
    this.isAsking = true;
    try {
      await this.ask();
      this.told();
    } catch {
      // Still apart, so that it is asked again.
      this.notBefore = performance.now() + AGAIN_MS * (0.75 + Math.random() / 2);
    } finally {
      this.isAsking = false;
    }
  }
}
