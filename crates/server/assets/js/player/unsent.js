// @ts-check
// What was answered here and no server has acknowledged: the device keeps it until it is known what became of it.

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./device.js").Shelf} Shelf */

/** How many earlier answers to a question are known again. */
const PAST = 20;
/** An answer on its way. @typedef {Kept & { wasSent: boolean, isKept: boolean, keeping: Promise<void>, outcome?: Kept }} Entry */

export class Unsent {
  /**
   * @param {{ account: string, attempt: string, until?: number | null }} page whose answers, and when their time is up
   * @param {Shelf} shelf
   * @param {Pick<import("./outbox.js").Listener, "changed" | "answered" | "refused">} heard
   */
  constructor(page, shelf, heard) {
    this.of = page;
    this.shelf = shelf;
    this.heard = heard;
    /** By question. @type {Map<number, Entry>} */
    this.unsent = new Map();
    /** What the server refused as no answer, by question, until another one takes its place. @type {Map<number, Kept>} */
    this.invalid = new Map();
    this.counted = 0;
    /** What the server is known to have held of each question, as JSON. @type {Map<number, Set<string>>} */
    this.past = new Map();
  }

  /** Whether all that is unsent outlives the page. */
  get isKept() {
    return [...this.unsent.values()].every((entry) => entry.isKept);
  }

  /**
   * Takes an answer.
   * @param {number} question @param {object | null} response @param {string} base what the server holds of it, as JSON
   * @param {boolean} partly @param {Partial<Kept>} marks
   */
  take(question, response, base, partly, marks) {
    this.counted += 1;
    const stamp = `${Date.now()}-${this.counted}-${Math.random()}`;
    // The last of several unsent answers replaces what the server held before the first, or one of them that got through unheard.
    const earlier = this.unsent.get(question);
    const sent = earlier?.wasSent ? [JSON.stringify(earlier.response)] : [];
    const bases = earlier ? [...earlier.bases, ...sent] : [base];
    const { account, attempt, until = null } = this.of;
    const past = this.noted(question, bases);
    /** @type {Entry} */
    const entry = {
      ...{ account, attempt, question, response, bases, past, stamp, partly, isSaved: false, until },
      ...{ wasSent: false, isKept: false, keeping: Promise.resolve() },
      ...marks,
    };
    if (this.invalid.delete(question)) this.heard.refused(question);
    this.heard.answered(question);
    this.unsent.set(question, entry);
    entry.keeping = this.keep(entry);
    this.heard.changed();
  }

  /** Notes what the server holds, or may hold, of a question. @param {number} question @param {string[]} held @returns {string[]} */
  noted(question, held) {
    // What somebody changes for ever is known by its end.
    const past = [...new Set([...(this.past.get(question) ?? []), ...held])].slice(-PAST);
    this.past.set(question, new Set(past));
    return past;
  }

  /** @param {Entry} entry */
  async keep(entry) {
    const { keeping: _, isKept: __, wasSent: ___, outcome: ____, ...kept } = entry;
    try {
      await this.shelf.put(kept);
      entry.isKept = this.shelf.isDurable;
      // Acknowledged or refused meanwhile.
      if (entry.outcome) await this.shelf.settled(entry.outcome);
    } catch {
      entry.isKept = false;
    }
    this.heard.changed();
  }

  /** Has another shelf keep what was answered here, in the place of what it keeps of these questions. @param {Shelf} shelf */
  async moveTo(shelf) {
    const all = await this.shelf.list(this.of.account, this.of.attempt);
    this.shelf = shelf;
    for (const one of all) await shelf.put(one).catch(() => {});
    // What was answered meanwhile, too.
    await this.mark([...this.unsent.values()], {});
  }

  /** Takes up what an earlier page has kept. @param {Kept[]} kept */
  takeUp(kept) {
    for (const one of kept) {
      if (this.unsent.has(one.question)) continue;
      this.unsent.set(one.question, { ...one, wasSent: true, isKept: this.shelf.isDurable, keeping: Promise.resolve() });
    }
    this.heard.changed();
  }

  /** The server holds it. @param {Kept} kept */
  done(kept) {
    this.settle({ ...kept, isSaved: true, isRefused: false });
  }

  /** The server takes no answer of this kind. @param {Kept} kept */
  refuse(kept) {
    this.settle({ ...kept, isSaved: false, isRefused: true });
    if (this.unsent.has(kept.question)) return;
    this.invalid.set(kept.question, kept);
    this.heard.refused(kept.question);
  }

  /** Nothing is to be sent of it any more. @param {Kept} kept */
  settle(kept) {
    const entry = this.unsent.get(kept.question);
    if (entry?.stamp === kept.stamp) {
      // The device may still be about to keep it.
      entry.outcome = kept;
      this.unsent.delete(kept.question);
    }
    // A device that cannot note it brings it again; then it is the same as what the server holds, or is refused again.
    this.shelf.settled(kept).catch(() => {});
  }

  /** @param {Entry[]} entries @param {Partial<Kept>} marks */
  async mark(entries, marks) {
    for (const entry of entries) entry.keeping = this.keep(Object.assign(entry, marks));
    await Promise.all(entries.map((entry) => entry.keeping));
  }
}
