// @ts-check
// Brings answers to the server: they are kept on the device first, go in batches, one request at a time, and are tried again until
// the server has acknowledged them. Nothing is called saved before it has said so.

import { remember, remembered } from "../clock.js";

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./device.js").Shelf} Shelf */
/** @typedef {"late" | "closed" | "superseded" | "full" | "refused"} End */
/** @typedef {"waiting" | "signed-out"} Hold */
/** @typedef {{ seq: number, question: number, response: object | null }} Operation */
/** @typedef {{ acknowledged: number[], rejected: { seq: number, code: string }[], server_time: string, deadline: string | null }} Saved */

/** How long to wait before trying again, growing with each failure. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
/** How long to wait for an answer before giving a request up for lost. */
const REQUEST_MS = 15_000;
/** How long the device may take to keep an answer before it is sent all the same. */
const KEEPING_MS = 1_000;
/** How many answers one request carries at most. */
const BATCH = 50;
/** And how many bytes of them, unless a single one is longer: browsers refuse to let more than 64 KiB outlive a page. */
const BATCH_BYTES = 48 * 1024;
const KEEPALIVE_BYTES = 60 * 1024;
/** What the number and the question of an answer take. */
const ENVELOPE_BYTES = 64;

/** An answer on its way. @typedef {Kept & { wasSent: boolean, isKept: boolean, keeping: Promise<void> }} Entry */

/** What happens, for whoever shows it.
 * @typedef {object} Listener
 * @property {() => void} changed something about what is unsent, or why
 * @property {(kept: Kept) => void} saved the server holds it
 * @property {(serverTime: string, deadline: string | null, requestedAt: number, answeredAt: number) => void} time
 * @property {(writer: number) => void} pen this page writes under this number from now on
 */

export class Outbox {
  /**
   * @param {{ account: string, attempt: string, writer: number, lastSeq: number }} page what the page was made with
   * @param {Shelf} shelf
   * @param {Listener} listener
   */
  constructor(page, shelf, listener) {
    this.page = page;
    this.shelf = shelf;
    this.listener = listener;
    /** What no server has acknowledged, by question. @type {Map<number, Entry>} */
    this.unsent = new Map();
    /** The answers under way. @type {Set<string>} */
    this.underWay = new Set();
    /** Questions whose last answer the server refused as none. @type {Set<number>} */
    this.invalid = new Set();
    /** Why nothing can be saved from here any more, until the pen is taken again. @type {End | null} */
    this.end = null;
    /** Why it has to wait. @type {Hold | null} */
    this.hold = null;
    this.failures = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
    /** What is to be asked of the server before anything is sent. @type {(() => Promise<void>) | null} */
    this.first = null;
    /** While a pen is being asked for. @type {Promise<void> | null} */
    this.asking = null;
    this.counted = 0;

    // A tab keeps its pen from page to page, unless somebody else has taken it since. One that remembers none takes one with its first
    // save: two tabs must never number their answers alike.
    this.key = `pen:${page.attempt}`;
    const memory = remembered(this.key);
    const [writer, seq] = (memory ?? "").split(":").map(Number);
    this.hasPen = memory !== null && writer === page.writer;
    this.seq = this.hasPen ? Math.max(seq ?? 0, page.lastSeq) : 0;
    this.writer = page.writer;
  }

  /** Whether something is not saved that could be. */
  get isPending() {
    return this.unsent.size > 0 && this.end === null;
  }

  /** Whether there are answers that no request carries: leaving the page would leave them behind. */
  get isIdle() {
    return this.isPending && [...this.unsent.values()].some((entry) => !this.underWay.has(entry.stamp));
  }

  /** Whether all that is unsent outlives the page. */
  get isKept() {
    return [...this.unsent.values()].every((entry) => entry.isKept);
  }

  /**
   * Takes an answer.
   * @param {number} question @param {object | null} response @param {string} base what the server holds of it, as JSON
   * @param {boolean} partly
   */
  save(question, response, base, partly) {
    this.counted += 1;
    const stamp = `${Date.now()}-${this.counted}-${Math.random()}`;
    // The last of several unsent answers replaces what the server held before the first, or one of them that got through unheard.
    const earlier = this.unsent.get(question);
    const sent = earlier?.wasSent ? [JSON.stringify(earlier.response)] : [];
    const bases = earlier ? [...earlier.bases, ...sent] : [base];
    const { account, attempt } = this.page;
    /** @type {Entry} */
    const entry = { account, attempt, question, response, bases, stamp, partly, isSaved: false, wasSent: false, isKept: false, keeping: Promise.resolve() };
    this.invalid.delete(question);
    this.unsent.set(question, entry);
    entry.keeping = this.keep(entry);
    this.listener.changed();
    if (this.end !== null) return;
    this.tryNow();
  }

  /** @param {Entry} entry */
  async keep(entry) {
    const { keeping: _, isKept: __, wasSent: ___, ...kept } = entry;
    try {
      await this.shelf.put(kept);
      entry.isKept = this.shelf.isDurable;
      // Acknowledged meanwhile.
      if (!this.unsent.has(entry.question)) await this.shelf.saved(kept);
    } catch {
      entry.isKept = false;
    }
    this.listener.changed();
  }

  /** Takes up what an earlier page has kept. @param {Kept[]} kept */
  adopt(kept) {
    for (const one of kept) {
      if (this.unsent.has(one.question)) continue;
      this.unsent.set(one.question, { ...one, wasSent: true, isKept: this.shelf.isDurable, keeping: Promise.resolve() });
    }
    this.listener.changed();
    if (this.unsent.size > 0) this.tryNow();
  }

  /** Nothing is to be sent of it any more. @param {Kept} kept */
  done(kept) {
    if (this.unsent.get(kept.question)?.stamp === kept.stamp) this.unsent.delete(kept.question);
    // A device that cannot note it brings it again; then it is the same as what the server holds.
    this.shelf.saved(kept).catch(() => {});
  }

  /** Without waiting any longer. */
  tryNow() {
    void this.flush();
  }

  /** Tries now what waits for another try. */
  async flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.run();
  }

  /** Takes the pen back from another tab or device, and sends what is unsent here. */
  async takeOver() {
    this.hasPen = false;
    this.end = null;
    this.listener.changed();
    await this.flush();
  }

  /**
   * Leaves a question to the form, which is being sent and holds its newest answer.
   * @returns {number | null} the highest number used here: the form's own goes above it, also above what is still under way;
   *   null without a pen, which has used none
   */
  handOver() {
    if (!this.hasPen) return null;
    const used = this.seq;
    // The next one is the form's. What is changed before the page is gone goes above that again.
    this.count();
    return used;
  }

  /** Sends what waits behind a save that is under way: the page is being left, and the numbers say which is the newer one. */
  sendLast() {
    if (!this.hasPen || this.end !== null) return;
    const waiting = fitting([...this.unsent.values()].filter((entry) => !this.underWay.has(entry.stamp)));
    if (waiting.length === 0) return;
    // Nobody may be left to hear of it; if the page stays after all, the answers still wait and are sent again.
    this.request("PUT", "answers", { writer: this.writer, operations: waiting.map((entry) => this.numbered(entry)) }).catch(() => {});
  }

  /** One loop at a time; it ends when nothing is left to send or another try has to wait. */
  run() {
    this.running ??= this.loop().finally(() => {
      this.running = null;
      this.listener.changed();
    });
    return this.running;
  }

  async loop() {
    while (this.isPending && this.timer === undefined) {
      try {
        if (this.first) {
          await this.first();
          this.first = null;
          continue;
        }
        const batch = fitting([...this.unsent.values()]);
        await Promise.race([Promise.all(batch.map((entry) => entry.keeping)), new Promise((resolve) => setTimeout(resolve, KEEPING_MS))]);
        if (!this.hasPen) {
          this.asking = this.takePen().finally(() => {
            this.asking = null;
          });
          await this.asking;
        }
        if (this.end !== null) return;
        await this.send(batch.filter((entry) => this.unsent.get(entry.question)?.stamp === entry.stamp));
        this.failures = 0;
        this.hold = null;
      } catch (error) {
        this.wait(error instanceof Retry ? error : new Retry("waiting", 0));
      } finally {
        this.underWay.clear();
      }
    }
  }

  /** @param {Entry} entry @returns {Operation} */
  numbered(entry) {
    entry.wasSent = true;
    return { seq: this.count(), question: entry.question, response: entry.response };
  }

  /** The next number. */
  count() {
    this.seq += 1;
    remember(this.key, `${this.writer}:${this.seq}`);
    return this.seq;
  }

  /** What the server holds, by question. @returns {Promise<Record<string, object>>} */
  async answers() {
    const response = await this.request("GET");
    if (await this.handleRefusal(response)) throw new Retry("waiting", 0);
    return /** @type {{ answers: Record<string, object> }} */ (await response.json()).answers;
  }

  async takePen() {
    const response = await this.request("POST", "writers");
    if (await this.handleRefusal(response)) return;
    const body = /** @type {{ writer: number }} */ (await response.json());
    this.writer = body.writer;
    this.seq = 0;
    this.hasPen = true;
    this.listener.pen(this.writer);
    remember(this.key, `${this.writer}:0`);
  }

  /** @param {Entry[]} batch */
  async send(batch) {
    if (batch.length === 0) return;
    const operations = batch.map((entry) => this.numbered(entry));
    for (const entry of batch) this.underWay.add(entry.stamp);
    this.listener.changed();
    const requestedAt = performance.now();
    const response = await this.request("PUT", "answers", { writer: this.writer, operations });
    if (await this.handleRefusal(response)) return;
    const body = /** @type {Saved} */ (await response.json());
    this.listener.time(body.server_time, body.deadline, requestedAt, performance.now());
    const codes = new Map(body.rejected.map(({ seq, code }) => [seq, code]));
    for (const [index, entry] of batch.entries()) {
      const seq = operations[index]?.seq ?? 0;
      if (body.acknowledged.includes(seq)) this.acknowledged(entry);
      else this.rejected(entry, codes.get(seq) ?? "closed");
    }
  }

  /** @param {Entry} entry */
  acknowledged(entry) {
    const newer = this.unsent.get(entry.question);
    if (newer && newer.stamp !== entry.stamp) newer.bases = [JSON.stringify(entry.response)];
    this.done(entry);
    this.listener.saved(entry);
  }

  /** @param {Entry} entry @param {string} code */
  rejected(entry, code) {
    switch (code) {
      case "seq_conflict":
        // A copied tab has used this number; with a pen of its own, this one goes on.
        this.hasPen = false;
        return;
      case "late":
      case "closed":
      case "superseded":
      case "full":
        this.end = code;
        return;
      case "invalid_response":
        this.done(entry);
        this.invalid.add(entry.question);
        return;
      default:
        this.end = "refused";
    }
  }

  /**
   * @param {string} method @param {string} [path] @param {object} [body]
   * @returns {Promise<Response>}
   */
  async request(method, path, body) {
    const text = body && JSON.stringify(body);
    return fetch(`/api/v1/attempts/${this.page.attempt}${path ? `/${path}` : ""}`, {
      method,
      headers: { accept: "application/json", ...(text && { "content-type": "application/json" }) },
      ...(text && { body: text }),
      // Outlives the page, so that leaving it loses nothing.
      keepalive: bytes(text ?? "") < KEEPALIVE_BYTES,
      signal: AbortSignal.timeout(REQUEST_MS),
    });
  }

  /** Whether the server refused for good. Throws when another try may help. @param {Response} response */
  async handleRefusal(response) {
    if (response.ok) return false;
    // Not found is what somebody else's attempt is: whose session this is by now, its answers are not sent in their name.
    if (response.status === 401 || response.status === 404) throw new Retry("signed-out", 5_000);
    if (response.status === 409) this.end = "closed";
    else if (response.status >= 500 || response.status === 429 || response.status === 408) {
      throw new Retry("waiting", Number(response.headers.get("retry-after") ?? 0) * 1_000);
    } else {
      const problem = /** @type {{ code?: string }} */ (await response.json().catch(() => ({})));
      this.end = problem.code === "full" ? "full" : "refused";
    }
    return true;
  }

  /** @param {Retry} reason */
  wait(reason) {
    const wait = WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.hold = reason.hold;
    // Jitter, so that a hall full of pages does not come back all at once.
    const delay = Math.max(wait, Number.isFinite(reason.afterMs) ? reason.afterMs : 0) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => this.tryNow(), delay);
  }
}

const encoder = new TextEncoder();
/** @param {string} text */
const bytes = (text) => encoder.encode(text).length;

/** As many of the first ones as one request carries. @param {Entry[]} entries */
function fitting(entries) {
  let room = BATCH_BYTES;
  const most = entries.slice(0, BATCH);
  const end = most.findIndex((entry, index) => {
    room -= bytes(JSON.stringify(entry.response)) + ENVELOPE_BYTES;
    return room < 0 && index > 0;
  });
  return end < 0 ? most : most.slice(0, end);
}

/** Another try may help. */
class Retry extends Error {
  /** @param {Hold} hold what to show until then @param {number} afterMs the least time to wait */
  constructor(hold, afterMs) {
    super(hold);
    this.hold = hold;
    this.afterMs = afterMs;
  }
}
