// @ts-check
// What stands on the sheets, beside what the server holds of each question as far as this page has seen it.

import { fillResponse, readResponse } from "../answer.js";
import { isMarked, markChecked, markQuestion, markRefused } from "../navigator.js";
import { replaces, sendAgain } from "./restore.js";

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./restore.js").Given} Given */
/** @typedef {import("./outbox.js").Outbox} Outbox */

/** @param {object | null | undefined} response */
export const json = (response) => JSON.stringify(response ?? null);

export class Sheets {
  /**
   * @param {HTMLFormElement} form as it came
   * @param {import("./paper.js").Paper} paper
   * @param {Outbox} outbox
   * @param {import("./asked.js").Asked} asked
   * @param {(isPassedOver: boolean) => void} looked called when the server has told what it holds; whether something is to be looked at again
   */
  constructor(form, paper, outbox, asked, looked) {
    this.form = form;
    this.paper = paper;
    this.outbox = outbox;
    this.asked = asked;
    this.looked = looked;
    /** What the server holds, by question. @type {Map<number, object | null>} */
    this.held = new Map();
    /** What the form held last, as JSON. @type {Map<number, string>} */
    this.known = new Map();
    /** Those that were being answered when it was last told what the server holds of them. @type {Set<number>} */
    this.passedOver = new Set();
    /** Those of which it cannot be told yet whether they are answered in part only, or lose points. @type {Set<number>} */
    this.unmarked = new Set();
    /** Those that were emptied on this page. @type {Set<number>} */
    this.cleared = new Set();
    // What was typed before the scripts came is a change like any other: the defaults are what the server holds, unless it could not take them.
    const initial = form.dataset.unsaved === undefined ? asServed(form) : null;
    this.held.set(paper.number, initial);
    this.known.set(paper.number, json(initial));
  }

  /** The server holds it. @param {Kept} kept */
  saved(kept) {
    this.held.set(kept.question, kept.response);
    if (kept.response === null) this.cleared.add(kept.question);
    if (kept.response === null) {
      markQuestion(kept.question, "open");
      return;
    }
    const found = this.paper.lookAt(kept.question, kept.response);
    // Without its sheet.
    if (!found) this.unmarked.add(kept.question);
    markQuestion(kept.question, kept.partly ? "partly" : "answered", found?.isFlawed);
  }

  /** An answer that its sheet was not made with, put on it: now, or when it is shown. @param {Given} given */
  putBack(given) {
    const { form, known, paper } = this;
    // A sheet that lies aside is made anew.
    if (given.question !== paper.number) paper.sheets.delete(given.question);
    // Not over what has been typed since the page came.
    else if (json(readResponse(form)) === known.get(paper.number)) this.show(given);
  }

  /** Shows an answer to the question on the page, whatever has been typed; one that is checked has no fields. @param {Given} given */
  show({ response }) {
    if (this.form.dataset.kind === "checked") return;
    fillResponse(this.form, response);
    this.known.set(this.paper.number, json(response));
  }

  /** Whether what was refused is still there to be mended; not over what was answered elsewhere. @param {number} number */
  isRefused(number) {
    const { held, outbox } = this;
    const refused = outbox.invalid.get(number);
    const response = held.get(number) ?? null;
    if (refused && held.has(number) && !replaces(refused, response)) {
      outbox.invalid.delete(number);
      outbox.done({ ...refused, response, partly: false });
      markRefused(number, false);
    }
    return outbox.invalid.has(number);
  }

  /** @param {Given} given what the server holds of a question, or is known to have held last */
  hold(given) {
    this.held.set(given.question, given.response);
    this.putBack(given);
    this.mark(given);
  }

  /** Says of it among all questions how far it is answered. @param {Given} given what the server holds */
  mark(given) {
    const { question, response } = given;
    if (response === null) {
      markQuestion(question, "open");
      return;
    }
    const found = this.paper.lookAt(question, response);
    if (!found && isMarked(question)) {
      this.unmarked.add(question);
      return;
    }
    markQuestion(question, found?.isPartly ? "partly" : "answered", found?.isFlawed);
    if (found) return;
    // The sheets tell more.
    void this.paper.load().then((isLoaded) => {
      if (isLoaded && this.held.get(question) === response) this.mark(given);
    });
  }

  /** The sheets have come, which tell what is answered in part only, and what loses points. */
  loaded() {
    for (const question of this.unmarked) this.mark({ question, response: this.held.get(question) ?? null });
    this.unmarked.clear();
  }

  /** The question on the page has a new sheet, made from what came with the paper: what was answered since is put on it. */
  begin() {
    const { form, held, outbox, paper } = this;
    const { number } = paper;
    const response = readResponse(form) ?? null;
    if (!held.has(number)) held.set(number, response);
    this.known.set(number, json(response));
    // Here or elsewhere.
    const refused = this.isRefused(number) ? outbox.invalid.get(number) : undefined;
    const last = (outbox.unsent.get(number) ?? refused ?? { response: held.get(number) ?? null }).response;
    if (json(last) !== json(response)) this.putBack({ question: number, response: last });
  }

  /** Whether something stands on the page that was not taken for an answer yet. */
  get isBeingAnswered() {
    const response = readResponse(this.form);
    return response !== undefined && json(response) !== this.known.get(this.paper.number);
  }

  /** Asks what the server holds, and shows it where nothing was answered here meanwhile. What it has lost is sent again. */
  async look() {
    const { held, known, outbox, paper } = this;
    const { account, attempt } = outbox.page;
    const before = new Map(known);
    const unsent = new Set(outbox.unsent.keys());
    // What is acknowledged from now on may be missing in its answer.
    const kept = await outbox.shelf.list(account, attempt).catch(() => []);
    const told = await outbox.told();
    const checked = told.checked ?? [];
    const isChecked = new Set(checked.map(({ number }) => number));
    outbox.overtakenBy(told.writer);
    sendAgain(outbox, this, kept.filter((one) => !unsent.has(one.question)), told);
    for (let number = 1; number <= paper.count; number += 1) {
      if (unsent.has(number) || outbox.unsent.has(number) || known.get(number) !== before.get(number)) continue;
      const response = told.answers[number] ?? null;
      const wasRefused = outbox.invalid.has(number);
      // What is being typed was begun before this was known: it replaces what was held until now, and the person is asked.
      if (number === paper.number && this.isBeingAnswered && !isChecked.has(number)) {
        this.passedOver.add(number);
        continue;
      }
      this.passedOver.delete(number);
      if (wasRefused) held.set(number, response);
      if (this.isRefused(number)) continue;
      // A sheet that shows it already may hold more, such as an order that is none yet.
      if (wasRefused || !held.has(number) || json(held.get(number)) !== json(response)) this.hold({ question: number, response });
    }
    for (const { number, correct, points } of checked) {
      // What is changed there does not count.
      if (number === paper.number) this.show({ question: number, response: told.answers[number] ?? null });
      outbox.checked.add(number);
      markChecked(number, correct ? "right" : points > 0 ? "partly" : "wrong");
    }
    const outdated = checked.map(({ number }) => number).filter((number) => paper.takesAnswers(number));
    if (outdated.length > 0) void paper.renew(outdated);
    this.looked(this.passedOver.size > 0);
    return told;
  }
}

/** The answer as the page came with it, whatever has been typed since. @param {HTMLFormElement} form @returns {object | null} */
function asServed(form) {
  const copy = /** @type {HTMLFormElement} */ (form.cloneNode(true));
  // A copy takes over what was typed; what it came with stands in the attributes.
  copy.reset();
  return readResponse(copy) ?? null;
}
