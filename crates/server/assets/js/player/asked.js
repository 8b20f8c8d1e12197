// @ts-check
// Answers of which only the person can say whether they are meant: this device keeps one, and somewhere else another one was given since.

import { inWords } from "./in-words.js";
import { showNotice } from "./notice.js";

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {{ kept: Kept, held: Kept }} Two what is kept here of a question, and what the server holds instead */

export class Asked {
  /** @param {(open: Two[]) => void} show what is asked about, in the order of the paper; nothing any more */
  constructor(show) {
    this.show = show;
    /** By question. @type {Map<number, Two>} */
    this.open = new Map();
  }

  /** Whether anything is asked at all. */
  get isAsking() {
    return this.open.size > 0;
  }

  /** @param {number} question */
  has(question) {
    return this.open.has(question);
  }

  /** @param {Kept} kept @param {Kept} held */
  add(kept, held) {
    this.open.set(kept.question, { kept, held });
    this.tell();
  }

  /** It was answered once more: that one is meant. @param {number} question */
  forget(question) {
    if (this.open.delete(question)) this.tell();
  }

  /** Asks for all at once, and no longer. */
  take() {
    const all = [...this.open.values()];
    this.open.clear();
    this.tell();
    return all;
  }

  tell() {
    this.show([...this.open.values()].sort((a, b) => a.kept.question - b.kept.question));
  }
}

/**
 * The question on the page, with both answers to each.
 * @param {import("./paper.js").Paper} paper
 * @param {{ use: () => void, drop: () => void }} answers what is done when it is answered
 * @returns {(open: Two[]) => void} asks it
 */
export function runAsked(paper, { use, drop }) {
  const notice = document.getElementById("kept-differs");
  const text = notice?.querySelector("p");
  const pattern = /** @type {HTMLTemplateElement | null} */ (document.getElementById("kept-two"));
  const list = /** @type {HTMLElement | null | undefined} */ (notice?.querySelector(".kept-answers"));
  document.getElementById("kept-use")?.addEventListener("click", use);
  document.getElementById("kept-drop")?.addEventListener("click", drop);

  /** @param {number} question @param {object | null} response */
  const words = (question, response) => {
    const form = paper.copyOf(question);
    // One that has been checked here meanwhile has no fields to read from.
    if (!form || form.dataset.kind === "checked") return undefined;
    return inWords(form, response).join(" · ") || list?.dataset.open;
  };

  /** @param {Two[]} open */
  const tell = (open) => {
    list?.replaceChildren();
    for (const { kept, held } of open) {
      const row = /** @type {DocumentFragment | undefined} */ (pattern?.content.cloneNode(true));
      const two = [words(kept.question, kept.response), words(kept.question, held.response)];
      if (!row || two.some((one) => one === undefined)) continue;
      const name = row.querySelector("[data-name]");
      if (name) name.textContent = (name.textContent ?? "").replace("%n", String(kept.question));
      for (const [index, place] of [...row.querySelectorAll("dd")].entries()) place.textContent = two[index] ?? "";
      list?.append(row);
    }
  };

  return (open) => {
    if (!notice || !text) return;
    const names = new Intl.ListFormat(document.documentElement.lang).format(open.map(({ kept }) => String(kept.question)));
    if (open.length > 0) text.textContent = (notice.dataset.text ?? "").replace("%q", names);
    try {
      tell(open);
    } finally {
      // Whatever becomes of the words, the question is asked; it is scrolled to with all that it says.
      showNotice(notice, open.length > 0);
    }
    // What the other questions are about is told when their sheets have come.
    if (open.length > 0) void paper.load();
  };
}
