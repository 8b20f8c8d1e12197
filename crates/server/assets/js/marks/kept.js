// @ts-check
// What candidates mark for themselves, by attempt: flagged questions and struck options. It stays on this device. The server is
// told nothing of it, and no mark changes an answer.

/** @typedef {import("./device.js").Shelf} Shelf */

const PREFIX = "examhall.marks.";
/** Marks of attempts that ended elsewhere go after this time without a change. */
const KEEP_MS = 14 * 24 * 3_600_000;

/** @param {string} attempt */
export const keyOf = (attempt) => `${PREFIX}${attempt}`;

/** The marks of one attempt. Other tabs may change them too: what is stored is read again before each change. */
export class Marks {
  /** @type {Set<number>} */
  #flags = new Set();
  /** Letters of struck options, by question. @type {Map<number, Set<string>>} */
  #struck = new Map();

  /**
   * @param {string} attempt empty when nothing is to be stored
   * @param {Shelf | null} shelf
   * @param {() => number} now in milliseconds
   */
  constructor(attempt, shelf, now = Date.now) {
    this.key = keyOf(attempt);
    this.shelf = attempt ? shelf : null;
    this.now = now;
    this.read();
  }

  /** Takes up what is stored, for instance by another tab. */
  read() {
    const stored = this.#stored();
    if (stored === undefined) return;
    this.#flags = new Set(stored.flags);
    this.#struck = new Map(Object.entries(stored.struck).map(([number, letters]) => [Number(number), new Set(letters)]));
  }

  /** Undefined when storage cannot be asked, so that what the page knows stands. */
  #stored() {
    if (!this.shelf) return undefined;
    try {
      return parse(this.shelf.getItem(this.key));
    } catch {
      this.shelf = null;
      return undefined;
    }
  }

  #store() {
    if (!this.shelf) return;
    const struck = Object.fromEntries([...this.#struck].filter(([, letters]) => letters.size > 0).map(([number, letters]) => [number, [...letters]]));
    try {
      this.shelf.setItem(this.key, JSON.stringify({ until: this.now() + KEEP_MS, flags: [...this.#flags], struck }));
    } catch {
      // Full, or forbidden by now: from here on the page is all that remembers.
      this.shelf = null;
    }
  }

  /** @param {number} question */
  isFlagged(question) {
    return this.#flags.has(question);
  }

  /** @param {number} question @param {boolean} flagged */
  flag(question, flagged) {
    this.read();
    if (flagged) this.#flags.add(question);
    else this.#flags.delete(question);
    this.#store();
  }

  /** @param {number} question @param {string} letter */
  isStruck(question, letter) {
    return this.#struck.get(question)?.has(letter) ?? false;
  }

  /** @param {number} question @param {string} letter @param {boolean} struck */
  strike(question, letter, struck) {
    this.read();
    const letters = this.#struck.get(question) ?? new Set();
    if (struck) letters.add(letter);
    else letters.delete(letter);
    this.#struck.set(question, letters);
    this.#store();
  }
}

/**
 * What was stored; nothing when it cannot be understood.
 * @param {string | null} text
 * @returns {{ until: number, flags: number[], struck: Record<string, string[]> }}
 */
export function parse(text) {
  /** @type {{ until?: unknown, flags?: unknown, struck?: unknown } | null} */
  let found = null;
  try {
    found = JSON.parse(text ?? "null");
  } catch {
    // Somebody else's words under our name.
  }
  const flags = Array.isArray(found?.flags) ? found.flags.filter(Number.isInteger) : [];
  const entries = Object.entries(found?.struck && typeof found.struck === "object" ? found.struck : {});
  const struck = entries.flatMap(([number, letters]) =>
    Array.isArray(letters) ? [[number, letters.filter((letter) => typeof letter === "string")]] : [],
  );
  return { until: typeof found?.until === "number" ? found.until : 0, flags, struck: Object.fromEntries(struck) };
}

/** Removes the marks of an attempt that has ended. @param {Shelf | null} shelf @param {string} attempt */
export function forget(shelf, attempt) {
  try {
    shelf?.removeItem(keyOf(attempt));
  } catch {
    // Nothing can be stored there either.
  }
}

/** Removes marks that nobody has changed for long. @param {Shelf | null} shelf @param {number} now */
export function sweep(shelf, now) {
  try {
    const names = Array.from({ length: shelf?.length ?? 0 }, (_, index) => shelf?.key(index));
    for (const name of names) {
      if (name?.startsWith(PREFIX) && parse(shelf?.getItem(name) ?? null).until < now) shelf?.removeItem(name);
    }
  } catch {
    // Nothing can be stored there either.
  }
}
