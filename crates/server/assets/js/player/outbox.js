// @ts-check
// Brings answers to the server: they are kept on the device first (unsent.js), go in batches, one request at a time, and are tried again until
// the server has acknowledged them. Nothing is called saved before it has said so.

import { remember, takeOut } from "../clock.js";
import { fitting } from "./batch.js";
import { Retry, refusalOf, request } from "./request.js";
import { Tries } from "./tries.js";
import { Unsent } from "./unsent.js";

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./device.js").Shelf} Shelf */
/** @typedef {import("./unsent.js").Entry} Entry */
/** @typedef {import("./request.js").End} End */
/** @typedef {import("./lost.js").Told} Told */
/** @typedef {{ seq: number, question: number, response: object | null }} Operation */
/** @typedef {{ acknowledged: number[], rejected: { seq: number, code: string }[], server_time: string, deadline: string | null,
 *   server?: string }} Saved */

/** How long the device may take to keep an answer before it is sent all the same. */
const KEEPING_MS = 1_000;
/** Under which codes the server stores what does not count. */
const EVIDENCE = new Set(["late", "superseded"]);

/** What happens, for whoever shows it.
 * @typedef {object} Listener
 * @property {() => void} changed something about what is unsent, or why
 * @property {(kept: Kept) => void} saved the server holds it
 * @property {(question: number) => void} answered there is a new answer to a question
 * @property {(question: number) => void} refused its answer was refused as none, or is so no longer
 * @property {(serverTime: string, deadline: string | null, requestedAt: number, answeredAt: number) => void} time
 * @property {(writer: number) => void} pen this page writes under this number from now on
 * @property {() => void} back a server takes answers that did not, or that is another one
 * @property {() => Promise<void>} compare asks what the server holds, and keeps back what is not to replace it unasked
 */

export class Outbox extends Unsent {
  /**
   * @param {{ account: string, attempt: string, writer: number, lastSeq: number, until?: number | null }} page what the page was made
   *   with; `until` is its deadline in milliseconds, which may change
   * @param {Shelf} shelf
   * @param {Listener} listener
   */
  constructor(page, shelf, listener) {
    super(page, shelf, listener);
    this.page = page;
    this.listener = listener;
    /** The answers under way. @type {Set<string>} */
    this.underWay = new Set();
    /** Questions that had been checked elsewhere when their last answer came: it was kept, and does not count. @type {Set<number>} */
    this.checked = new Set();
    /** Why nothing can be saved from here any more, until the pen is taken again. @type {End | null} */
    this.end = null;
    /** Whether the server wants to know who this is, since it last knew. */
    this.isSignedOut = false;
    /** Whether the server does not know this attempt, whosever it is. */
    this.isGone = false;
    this.tries = new Tries(() => void this.flush());
    /** @type {Promise<void> | null} */
    this.running = null;
    /** How often the server may have come to hold what this page does not know of, and how much of that was asked. */
    this.doubts = 0;
    this.asked = 0;
    /** Whether the pen is wanted back, also with nothing to send. */
    this.wantsPen = false;
    /** While a pen is being asked for. @type {Promise<void> | null} */
    this.asking = null;
    /** Whether it has been asked what it still holds, since it last took an answer. */
    this.isDoubted = false;
    /** Those that have taken an answer: there may be several behind one address. @type {Set<string>} */
    this.servers = new Set();

    // A tab hands its pen from page to page, unless somebody else has taken it since. One that was handed none takes one with its first
    // save: two tabs must never number their answers alike, and a copied tab comes with what the other one remembers just now.
    this.key = `pen:${page.attempt}`;
    const memory = takeOut(this.key);
    const [writer, seq] = (memory ?? "").split(":").map(Number);
    this.hasPen = memory !== null && writer === page.writer;
    this.seq = this.hasPen ? Math.max(seq ?? 0, page.lastSeq) : 0;
    this.writer = page.writer;
  }

  /** Why what is unsent has to wait. */
  get hold() {
    return this.tries.hold;
  }

  /** Whether something is not saved that could be. */
  get isPending() {
    return this.unsent.size > 0 && this.end === null;
  }

  /** Whether the server may hold what this page does not know of: that is asked before anything is sent. */
  get isUnsure() {
    return this.doubts > this.asked;
  }

  /** Whether there is something to ask or to send. */
  get isDue() {
    return this.end === null && (this.unsent.size > 0 || this.isUnsure || this.wantsPen);
  }

  /** Whether something came when the time was up, and was given here: what another device overtook before that is not late. */
  get isLate() {
    return [...this.unsent.values()].some((entry) => entry.isEvidence && !entry.isOvertaken);
  }

  /** Whether there are answers that no request carries: leaving the page would leave them behind. */
  get isIdle() {
    return this.isPending && [...this.unsent.values()].some((entry) => !this.underWay.has(entry.stamp));
  }

  /**
   * Takes an answer and sends it.
   * @param {number} question @param {object | null} response @param {string} base what the server holds of it, as JSON
   * @param {boolean} partly
   */
  save(question, response, base, partly) {
    this.take(question, response, base, partly, this.end === "superseded" ? { isOvertaken: true } : {});
    if (this.end === null) void this.tryNow();
  }

  /** Takes up what an earlier page has kept. @param {Kept[]} kept */
  adopt(kept) {
    this.takeUp(kept);
    if (this.isDue) void this.tryNow();
  }

  /** Tries now what waits for another try, unless the server has said when to come back. */
  async tryNow() {
    if (this.tries.isAllowed) await this.flush();
  }

  /** Tries at once, whatever the server has said: there is no other time. */
  async flush() {
    this.tries.begin();
    await this.run();
  }

  /** Somebody else has a pen: one that is newer than this page's, if it has any, ends the saving here. @param {number} writer */
  overtakenBy(writer) {
    if (!this.hasPen || writer <= this.writer || this.end !== null) return;
    this.end = "superseded";
    // Only a server that knows the attempt gives out pens.
    this.isGone = false;
    void this.markOvertaken();
    this.listener.changed();
  }

  /**
   * Another tab of this browser has a pen. One that was copied between two pages has the same: it goes on with that, and this one takes its own.
   * @param {number} writer
   */
  met(writer) {
    if (writer === this.writer) this.hasPen = false;
    else this.overtakenBy(writer);
  }

  /** What is unsent is not late but given elsewhere, whenever it is looked at. */
  async markOvertaken() {
    await this.mark([...this.unsent.values()], { isOvertaken: true });
  }

  /** Somebody has signed in, as whoever answers here. */
  async signedIn() {
    this.isSignedOut = false;
    await this.flush();
  }

  /** Takes the pen back from another tab or device, and sends what is unsent here. */
  async takeOver() {
    this.hasPen = false;
    this.wantsPen = true;
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
    if (!this.hasPen || this.end !== null || this.isUnsure) return;
    const waiting = fitting([...this.unsent.values()].filter((entry) => !this.underWay.has(entry.stamp)));
    if (waiting.length === 0) return;
    // Nobody may be left to hear of it; if the page stays after all, the answers still wait and are sent again.
    this.request("PUT", "answers", { writer: this.writer, operations: waiting.map((entry) => this.numbered(entry)) }).catch(() => {});
  }

  /** Hands the pen to the next page of this tab. */
  handOn() {
    if (this.hasPen) remember(this.key, `${this.writer}:${this.seq}`);
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
    while (this.isDue && !this.tries.isWaiting) {
      try {
        await this.step();
      } catch (error) {
        this.wait(error instanceof Retry ? error : new Retry("waiting", 0));
      } finally {
        this.underWay.clear();
      }
    }
  }

  /** Does what comes next: makes sure, takes the pen, or sends. */
  async step() {
    if (this.isUnsure) return this.makeSure();
    const batch = fitting([...this.unsent.values()]);
    await Promise.race([Promise.all(batch.map((entry) => entry.keeping)), new Promise((resolve) => setTimeout(resolve, KEEPING_MS))]);
    if (!this.hasPen) {
      this.asking = this.takePen().finally(() => {
        this.asking = null;
      });
      return this.asking;
    }
    await this.send(batch.filter((entry) => this.unsent.get(entry.question)?.stamp === entry.stamp));
    const wasAway = this.tries.failures > 0;
    this.tries.succeeded();
    if (wasAway) this.listener.back();
  }

  /** What the server holds is known again before anything is sent. */
  async makeSure() {
    const { doubts } = this;
    await this.listener.compare();
    this.asked = doubts;
    this.tries.succeeded();
  }

  /** @param {Entry} entry @returns {Operation} */
  numbered(entry) {
    entry.wasSent = true;
    return { seq: this.count(), question: entry.question, response: entry.response };
  }

  /** The next number. */
  count() {
    this.seq += 1;
    return this.seq;
  }

  /** What the server holds. @returns {Promise<Told>} */
  async told() {
    const response = await this.request("GET");
    if (await this.handleRefusal(response)) throw new Retry("waiting", 0);
    const told = /** @type {Told} */ (await response.json());
    // What is unsent is sent all the same, and stored as evidence.
    if (told.state === "open" || this.unsent.size > 0) return told;
    // Submitted elsewhere: nothing counts any more, and nothing of what is told is to be made up for.
    this.end ??= "closed";
    this.listener.changed();
    throw new Retry("waiting", 0);
  }

  async takePen() {
    const response = await this.request("POST", "writers");
    if (await this.handleRefusal(response)) return;
    const body = /** @type {{ writer: number }} */ (await response.json());
    // Whoever had it until now may have answered since this page was made, and must not be replaced unasked.
    this.beUnsure();
    this.writer = body.writer;
    this.seq = 0;
    this.hasPen = true;
    this.wantsPen = false;
    void this.mark([...this.unsent.values()].filter((entry) => entry.isOvertaken), { isOvertaken: false });
    this.listener.pen(this.writer);
  }

  /** A server that was started anew since may have been restored from a backup. @param {string | undefined} server */
  meet(server) {
    if (server === undefined || this.servers.has(server)) return;
    this.servers.add(server);
    if (this.servers.size > 1) this.listener.back();
  }

  /** What the server holds is compared before anything else is sent. */
  beUnsure() {
    this.doubts += 1;
  }

  /** What the server still holds is asked before anything else is sent: once, until it takes an answer again. */
  doubt() {
    if (this.isDoubted) return false;
    this.isDoubted = true;
    this.beUnsure();
    return true;
  }

  /** @param {Entry[]} batch */
  async send(batch) {
    if (batch.length === 0) return;
    const operations = batch.map((entry) => this.numbered(entry));
    for (const entry of batch) this.underWay.add(entry.stamp);
    this.listener.changed();
    const requestedAt = performance.now();
    const response = await this.request("PUT", "answers", { writer: this.writer, operations });
    if (response.status === 422 && this.doubt()) {
      this.hasPen = false;
      return;
    }
    if (await this.handleRefusal(response)) {
      // What comes after the end is stored all the same.
      if (response.status === 409) await this.mark(batch, { isEvidence: true });
      return;
    }
    const body = /** @type {Saved} */ (await response.json());
    this.isDoubted = false;
    this.meet(body.server);
    this.listener.time(body.server_time, body.deadline, requestedAt, performance.now());
    const codes = new Map(body.rejected.map(({ seq, code }) => [seq, code]));
    /** @type {Entry[]} */
    const stored = [];
    for (const [index, entry] of batch.entries()) {
      const seq = operations[index]?.seq ?? 0;
      const code = codes.get(seq) ?? "closed";
      if (body.acknowledged.includes(seq)) this.acknowledged(entry, seq);
      else this.rejected(entry, code);
      if (EVIDENCE.has(code) && this.unsent.get(entry.question) === entry) stored.push(entry);
    }
    await this.mark(stored, { isEvidence: true });
    if (this.end === "superseded") await this.markOvertaken();
  }

  /** @param {Entry} entry @param {number} seq */
  acknowledged(entry, seq) {
    entry.at = { writer: this.writer, seq };
    this.noted(entry.question, [JSON.stringify(entry.response)]);
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
        this.refuse(entry);
        return;
      case "checked":
        this.done(entry);
        this.checked.add(entry.question);
        // What became of it is asked.
        this.listener.back();
        return;
      default:
        this.end = "refused";
    }
  }

  /** @param {string} method @param {string} [path] @param {object} [body] */
  request(method, path, body) {
    return request(this.page.attempt, method, path, body);
  }

  /** Whether the server refused for good. Throws when another try may help. @param {Response} response */
  async handleRefusal(response) {
    const end = await refusalOf(response, this.page.account).catch((error) => {
      if (error instanceof Retry && error.hold === "gone") this.isGone = true;
      this.listener.changed();
      throw error;
    });
    this.isSignedOut = this.isGone = false;
    if (end !== null) this.end = end;
    return end !== null;
  }

  /** @param {Retry} reason */
  wait(reason) {
    // What fails after that says nothing of it.
    this.isSignedOut = reason.hold === "signed-out" || (this.isSignedOut && reason.hold !== "gone");
    this.tries.failed(reason);
  }
}
