// @ts-check
// The whole paper in one page: every question is fetched once, and put in the place of the one before without going anywhere. A sheet
// that was shown is kept as it is, with what was typed into it.

import { fillResponse, isFlawed, isPartly } from "../answer.js";
import { keep } from "./at-hand.js";

/** How long the questions may take to come before the form goes the usual way. */
const LOAD_MS = 4_000;

export class Paper {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.attempt = form.dataset.attempt ?? "";
    this.number = Number(form.dataset.question);
    this.count = form.querySelectorAll(".navigator .cell[value]").length;
    /** The questions as they came. @type {Map<number, HTMLTemplateElement>} */
    this.templates = new Map();
    /** Those that were shown. @type {Map<number, Element>} */
    this.sheets = new Map();
    /** @type {Promise<boolean> | null} */
    this.loading = null;
    /** Called whenever all questions have come. */
    this.onLoad = () => {};
  }

  get isLoaded() {
    return this.templates.size >= this.count;
  }

  /** Fetches the questions, once. Whether they are there. @returns {Promise<boolean>} */
  load() {
    if (this.isLoaded) return Promise.resolve(true);
    this.loading ??= this.fetch()
      .catch(() => false)
      .finally(() => {
        this.loading = null;
      });
    return this.loading;
  }

  /** Whether the sheet of a question, as it came, takes answers: one that is checked does not. @param {number} number */
  takesAnswers(number) {
    const template = this.templates.get(number);
    return template !== undefined && template.dataset.kind !== "checked";
  }

  /** Fetches the questions anew; what is there stays until they have come, and these are made anew then. @param {number[]} numbers */
  async renew(numbers) {
    if (!(await this.fetch().catch(() => false))) return;
    for (const number of numbers) this.sheets.delete(number);
  }

  async fetch() {
    const response = await fetch(`/attempts/${this.attempt}/questions`, {
      headers: { accept: "text/html" },
      signal: AbortSignal.timeout(LOAD_MS),
    });
    if (!response.ok || response.redirected) return false;
    const html = await response.text();
    if (!navigator.serviceWorker?.controller) keep(`/attempts/${this.attempt}/questions`, html).catch(() => {});
    return this.read(html);
  }

  /** Takes the questions that this device keeps, without a word to the server. Whether they are there. @returns {Promise<boolean>} */
  async loadKept() {
    const kept = await globalThis.caches?.match(`/attempts/${this.attempt}/questions`, { ignoreSearch: true }).catch(() => undefined);
    return kept !== undefined && this.read(await kept.text());
  }

  /** @param {string} html the questions as the server sends them */
  read(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    for (const template of parsed.querySelectorAll("template")) this.templates.set(Number(template.dataset.number), template);
    if (this.isLoaded) this.onLoad();
    return this.isLoaded;
  }

  /** Where a button of the form leads: a question, or somewhere else. @param {string} to @returns {number | null} */
  target(to) {
    if (to === "next") return this.number < this.count ? this.number + 1 : null;
    if (to === "previous") return Math.max(1, this.number - 1);
    const number = Number(to);
    return Number.isInteger(number) && number >= 1 && number <= this.count ? number : null;
  }

  /**
   * Whether a response answers a part of a question only, and whether it loses points as it is. Undefined without its sheet, and where
   * that has no fields any more.
   * @param {number} number @param {object} response
   */
  lookAt(number, response) {
    const form = this.copyOf(number);
    if (!form || form.dataset.kind === "checked") return undefined;
    fillResponse(form, response);
    return { isPartly: isPartly(form), isFlawed: isFlawed(form) };
  }

  /** A form of its own with the sheet of a question, which nobody sees. @param {number} number */
  copyOf(number) {
    const template = this.templates.get(number);
    if (!template) return number === this.number ? /** @type {HTMLFormElement} */ (this.form.cloneNode(true)) : undefined;
    const form = document.createElement("form");
    form.dataset.kind = template.dataset.kind;
    form.append(document.importNode(template.content, true));
    return form;
  }

  /**
   * Puts a question on the page.
   * @param {number} number
   * @returns {boolean | null} whether its sheet is a new one; null when there is none
   */
  put(number) {
    const now = this.form.querySelector("article.question");
    if (!now) return null;
    const template = this.templates.get(number);
    const known = this.sheets.get(number);
    const sheet = known ?? (template && document.importNode(template.content, true).querySelector("article"));
    if (!sheet || !template) return null;
    const isOutdated = this.form.dataset.kind !== this.templates.get(this.number)?.dataset.kind;
    // One that has been checked meanwhile is made anew when it is shown again.
    if (!isOutdated) this.sheets.set(this.number, now);
    this.sheets.set(number, sheet);
    now.replaceWith(sheet);
    this.number = number;
    this.form.dataset.question = String(number);
    this.form.dataset.kind = template.dataset.kind ?? "";
    this.form.action = `/attempts/${this.attempt}/questions/${number}`;
    this.showPlace();
    return known === undefined;
  }

  showPlace() {
    const { form, number, count } = this;
    // Said of the question before.
    form.querySelector(".question-part > .notice[role=status]:not([id])")?.remove();
    const previous = form.querySelector('.moves [value="previous"]');
    const next = form.querySelector('.moves [value="next"]');
    const review = form.querySelector('.moves [value="review"]');
    if (previous instanceof HTMLButtonElement) previous.disabled = number <= 1;
    if (next instanceof HTMLElement) next.hidden = number >= count;
    if (review instanceof HTMLElement) review.hidden = number < count;
    // Of a question that is checked, there is nothing to be saved.
    const word = document.getElementById("next-word");
    if (word) word.textContent = (form.dataset.kind === "checked" ? word.dataset.checked : word.dataset.answering) ?? "";
    form.querySelector(".cell[aria-current]")?.removeAttribute("aria-current");
    form.querySelector(`.navigator .cell[value="${number}"]`)?.setAttribute("aria-current", "true");
    const place = (form.dataset.place ?? "").replace("%n", new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn" }).format(number));
    const shown = document.querySelector(".exam-bar-question");
    if (shown) document.title = document.title.replace(shown.textContent ?? "", place);
    if (shown) shown.textContent = place;
  }
}
