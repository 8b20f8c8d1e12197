// @ts-check
// The whole paper in one page: every question is fetched once, and put in the place of the one before without going anywhere. A sheet
// that was shown is kept as it is, with what was typed into it.

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

  async fetch() {
    const response = await fetch(`/attempts/${this.attempt}/questions`, {
      headers: { accept: "text/html" },
      signal: AbortSignal.timeout(LOAD_MS),
    });
    if (!response.ok || response.redirected) return false;
    const html = await response.text();
    if (!navigator.serviceWorker?.controller) keep(`/attempts/${this.attempt}/questions`, html).catch(() => {});
    const parsed = new DOMParser().parseFromString(html, "text/html");
    for (const template of parsed.querySelectorAll("template")) this.templates.set(Number(template.dataset.number), template);
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
    this.sheets.set(this.number, now);
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
    form.querySelector(".cell[aria-current]")?.removeAttribute("aria-current");
    form.querySelector(`.navigator .cell[value="${number}"]`)?.setAttribute("aria-current", "true");
    const place = (form.dataset.place ?? "").replace("%n", new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn" }).format(number));
    const shown = document.querySelector(".exam-bar-question");
    if (shown) document.title = document.title.replace(shown.textContent ?? "", place);
    if (shown) shown.textContent = place;
  }
}
