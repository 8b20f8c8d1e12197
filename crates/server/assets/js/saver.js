// @ts-check
// Saves one question's answer through the API: one request at a time, the newest answer wins, and nothing is called saved
// before the server has said so.

import { remember, remembered } from "./clock.js";

/** How long to wait before trying again, growing with each failure. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
/** How long to wait for an answer before giving a request up for lost. */
const REQUEST_MS = 15_000;

/** @typedef {"idle" | "saving" | "saved" | "cleared" | "waiting" | "signed-out" | "late" | "closed" | "superseded" | "invalid" | "full" | "refused"} State */
/** @typedef {{ seq: number, question: number, response: object | null }} Operation */
/** @typedef {{ acknowledged: number[], rejected: { seq: number, code: string }[], server_time: string, deadline: string | null }} Saved */

/** Until the page is left or the pen is taken again, nothing more can be saved from here. */
const FINAL = new Set(["late", "closed", "superseded", "full", "refused"]);

export class Saver {
  /**
   * @param {{ attempt: string, question: number, writer: number, lastSeq: number }} page what the page was made with
   * @param {(state: State) => void} show
   * @param {(serverTime: string, deadline: string | null, requestedAt: number, answeredAt: number) => void} setClock
   * @param {(writer: number) => void} setWriter tells the form, whose own submit goes on with the same pen
   */
  constructor(page, show, setClock, setWriter) {
    this.page = page;
    this.show = show;
    this.setClock = setClock;
    this.setWriter = setWriter;
    /** @type {State} */
    this.state = "idle";
    /** The newest answer that no request has carried yet. @type {{ response: object | null } | null} */
    this.next = null;
    /** The operation that is on its way, or waits to be sent again. @type {Operation | null} */
    this.operation = null;
    this.failures = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
    /** While a pen is being asked for. @type {Promise<void> | null} */
    this.asking = null;

    // A tab keeps its pen from page to page, unless somebody else has taken it since.
    this.key = `pen:${page.attempt}`;
    // One that remembers none takes one with its first save: two tabs must never number their answers alike.
    const memory = remembered(this.key);
    const [writer, seq] = (memory ?? "").split(":").map(Number);
    this.hasPen = memory !== null && writer === page.writer;
    this.seq = this.hasPen ? Math.max(seq ?? 0, page.lastSeq) : 0;
    this.writer = page.writer;
  }

  /** Whether something is not saved that could be. */
  get isPending() {
    return (this.next !== null || this.operation !== null) && !FINAL.has(this.state);
  }

  /** Whether an answer is here that no request has carried: leaving the page would lose it. */
  get isUnsent() {
    return this.isPending && (this.next !== null || this.state !== "saving");
  }

  /**
   * Leaves the rest to the form, which is being sent and holds the newest answer.
   * @returns {number | null} the highest number used here: the form's own goes above it, also above what is still under way;
   *   null without a pen, which has used none
   */
  handOver() {
    this.next = null;
    if (!this.hasPen) return null;
    const used = this.seq;
    // The next one is the form's. What is changed before the page is gone goes above that again.
    this.count();
    return used;
  }

  /** Sends what waits behind a save that is under way: the page is being left, and the numbers say which is the newer one. */
  sendLast() {
    if (!this.next || !this.hasPen || FINAL.has(this.state)) return;
    const operation = { seq: this.count(), question: this.page.question, response: this.next.response };
    // Nobody may be left to hear of it; if the page stays after all, the answer still waits and is sent again.
    this.request("PUT", "answers", { writer: this.writer, operations: [operation] }).catch(() => {});
  }

  /** @param {object | null} response */
  save(response) {
    this.next = { response };
    if (FINAL.has(this.state)) return;
    this.set("saving");
    if (this.timer !== undefined) {
      // Waiting for another try: the new answer goes instead of the old one, and goes now.
      clearTimeout(this.timer);
      this.timer = undefined;
      this.operation = null;
    }
    void this.run();
  }

  /** Tries now what waits for another try. */
  async flush() {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    await this.run();
  }

  /** Takes the pen back from another tab or device, and sends again what was typed here. @param {object | null} response */
  async takeOver(response) {
    this.hasPen = false;
    this.operation = null;
    this.next = { response };
    this.set("saving");
    await this.run();
  }

  /** @param {State} state */
  set(state) {
    this.state = state;
    this.show(state);
  }

  /** One loop at a time; it ends when nothing is left to send or another try has to wait. */
  run() {
    this.running ??= this.loop().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async loop() {
    while ((this.next || this.operation) && this.timer === undefined && !FINAL.has(this.state)) {
      try {
        if (!this.hasPen) {
          this.asking = this.takePen().finally(() => {
            this.asking = null;
          });
          await this.asking;
        }
        if (FINAL.has(this.state)) return;
        this.operation = this.numbered();
        await this.send(this.operation);
        this.failures = 0;
      } catch (error) {
        this.wait(error instanceof Retry ? error : new Retry("waiting", 0));
      }
    }
  }

  /** The newest answer as an operation; without a newer one, the one that could not be sent. @returns {Operation} */
  numbered() {
    if (!this.next && this.operation) return this.operation;
    const response = this.next?.response ?? null;
    this.next = null;
    return { seq: this.count(), question: this.page.question, response };
  }

  /** The next number. */
  count() {
    this.seq += 1;
    remember(this.key, `${this.writer}:${this.seq}`);
    return this.seq;
  }

  async takePen() {
    const response = await this.request("POST", "writers");
    if (await this.handleRefusal(response)) return;
    const body = /** @type {{ writer: number }} */ (await response.json());
    this.writer = body.writer;
    this.seq = 0;
    this.hasPen = true;
    this.setWriter(this.writer);
    remember(this.key, `${this.writer}:0`);
  }

  /** @param {Operation} operation */
  async send(operation) {
    const requestedAt = performance.now();
    const response = await this.request("PUT", "answers", { writer: this.writer, operations: [operation] });
    if (await this.handleRefusal(response)) return;
    const body = /** @type {Saved} */ (await response.json());
    this.setClock(body.server_time, body.deadline, requestedAt, performance.now());
    this.operation = null;
    if (body.acknowledged.includes(operation.seq)) {
      if (!this.next) this.set(operation.response === null ? "cleared" : "saved");
      return;
    }
    const code = body.rejected.find((rejection) => rejection.seq === operation.seq)?.code ?? "closed";
    switch (code) {
      case "seq_conflict":
        // A copied tab has used this number; with a pen of its own, this one goes on.
        this.hasPen = false;
        this.next ??= { response: operation.response };
        return;
      case "late":
      case "closed":
      case "superseded":
      case "full":
        this.next ??= { response: operation.response };
        this.set(code);
        return;
      case "invalid_response":
        if (!this.next) this.set("invalid");
        return;
      default:
        this.set("refused");
    }
  }

  /**
   * @param {string} method @param {string} path @param {object} [body]
   * @returns {Promise<Response>}
   */
  async request(method, path, body) {
    return fetch(`/api/v1/attempts/${this.page.attempt}/${path}`, {
      method,
      headers: { accept: "application/json", ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      // Outlives the page, so that leaving it loses nothing.
      keepalive: true,
      signal: AbortSignal.timeout(REQUEST_MS),
    });
  }

  /** Whether the server refused for good. Throws when another try may help. @param {Response} response */
  async handleRefusal(response) {
    if (response.ok) return false;
    if (response.status === 401) throw new Retry("signed-out", 5_000);
    if (response.status === 409) this.set("closed");
    else if (response.status >= 500 || response.status === 429 || response.status === 408) {
      throw new Retry("waiting", Number(response.headers.get("retry-after") ?? 0) * 1_000);
    } else {
      const problem = /** @type {{ code?: string }} */ (await response.json().catch(() => ({})));
      this.set(problem.code === "full" ? "full" : "refused");
    }
    return true;
  }

  /** @param {Retry} reason */
  wait(reason) {
    const wait = WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.set(reason.state);
    // Jitter, so that a hall full of pages does not come back all at once.
    const delay = Math.max(wait, Number.isFinite(reason.afterMs) ? reason.afterMs : 0) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.run();
    }, delay);
  }
}

/** Another try may help. */
class Retry extends Error {
  /** @param {State} state what to show until then @param {number} afterMs the least time to wait */
  constructor(state, afterMs) {
    super(state);
    this.state = state;
    this.afterMs = afterMs;
  }
}
