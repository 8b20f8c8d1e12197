// @ts-check
// What the server has counted since its start, made into rates and times of the last seconds.

/** @typedef {{ name: string, answered: number, refused: number, failed: number, by_duration: number[] }} OfClass */
/** @typedef {{ cpu_s: number, bounds_s: number[], classes: OfClass[], commit_bounds_s: number[], commits: number[], jobs: number }} Totals */
/**
 * What the server tells. `at_ms` is its own time, from its start on.
 * @typedef {object} Told
 * @property {string} process
 * @property {number} at_ms
 * @property {string[]} reasons
 * @property {string[]} warnings
 * @property {Record<string, { text: string, warn: boolean }>} said
 * @property {Record<string, number>} values
 * @property {Totals} totals
 */

/** For how long back rates and times are reckoned: long enough for a hundred requests, short enough to be of now. */
const WINDOW_MS = 10_000;

/**
 * The time within which a share of all was done, as far as its class tells; infinite above the last bound, null when there was
 * nothing. The server reckons the same way (`operations/look.rs`).
 * @param {number} share
 * @param {number[]} bounds
 * @param {number[]} counts one more than there are bounds
 */
export function within(share, bounds, counts) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let below = 0;
  let least = 0;
  for (const [place, bound] of bounds.entries()) {
    const count = counts[place] ?? 0;
    if (count > 0 && below + count >= share * all) return least + ((bound - least) * (share * all - below)) / count;
    below += count;
    least = bound;
  }
  return Infinity;
}

/** @param {number[]} now @param {number[]} before */
const since = (now, before) => now.map((count, place) => count - (before[place] ?? 0));

/** What has been counted between two moments. */
class Between {
  /** @param {Told} before @param {Told} now */
  constructor(before, now) {
    this.before = before;
    this.now = now;
    this.seconds = (now.at_ms - before.at_ms) / 1000;
  }

  /** Requests of a class, or of all. @param {string} name */
  ofClass(name) {
    const chosen = this.now.totals.classes.filter((ofClass) => name === "all" || ofClass.name === name);
    const earlier = new Map(this.before.totals.classes.map((ofClass) => [ofClass.name, ofClass]));
    let answered = 0;
    let durations = this.now.totals.bounds_s.map(() => 0).concat(0);
    for (const ofClass of chosen) {
      const before = earlier.get(ofClass.name);
      if (!before) continue;
      answered += ofClass.answered - before.answered;
      const counted = since(ofClass.by_duration, before.by_duration);
      durations = durations.map((count, place) => count + (counted[place] ?? 0));
    }
    const bounds = this.now.totals.bounds_s;
    return { rate: answered / this.seconds, half: within(0.5, bounds, durations), most: within(0.99, bounds, durations) };
  }

  /** Commits, and what they wrote. */
  commits() {
    const { commits, commit_bounds_s: bounds, jobs } = this.now.totals;
    const counted = since(commits, this.before.totals.commits);
    const written = (jobs - this.before.totals.jobs) / this.seconds;
    return { written, half: within(0.5, bounds, counted), most: within(0.99, bounds, counted) };
  }

  /** Processors in use: 1 is all of one. */
  cpu() {
    return (this.now.totals.cpu_s - this.before.totals.cpu_s) / this.seconds;
  }
}

/** What one process has told of late. */
export class Counts {
  /** @type {Told[]} */
  #told = [];

  /** @param {Told} told */
  add(told) {
    this.#told.push(told);
    // The newest of those that are older than the window is what is counted from.
    while ((this.#told[1]?.at_ms ?? Infinity) <= told.at_ms - WINDOW_MS) this.#told.shift();
  }

  /** Nothing was heard for a while: what happened meanwhile is not of the last seconds. */
  clear() {
    this.#told = [];
  }

  /** What has been counted in the last seconds; null before there are two moments to compare. */
  ofLate() {
    const [first, last] = [this.#told[0], this.#told.at(-1)];
    return first && last && last.at_ms > first.at_ms ? new Between(first, last) : null;
  }
}
