// @ts-check
// The review: flags and filters, and a question back before an exam is submitted with something open.

import { swallowSecondClick } from "../second-click.js";
import { shelf, whenChangedElsewhere } from "./device.js";
import { Filters, count, matches } from "./filters.js";
import { Marks } from "./kept.js";

/** @typedef {import("./filters.js").State} State */

/** Within what time a second click is one with the first: systems take half a second, and people are slower. */
const SECOND_CLICK_MS = 1_000;

const list = document.getElementById("review-list");
if (list) start(list);

/** @param {HTMLElement} list */
function start(list) {
  const marks = new Marks(list.dataset.attempt ?? "", shelf());
  const rows = /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("li[data-number]"));
  const word = document.getElementById("flagged-template");
  const group = document.getElementById("review-filters");
  const none = document.getElementById("review-none");
  const filters = group ? new Filters(group, "all", show) : null;

  /** @param {HTMLElement} row @returns {State} */
  function stateOf(row) {
    const answered = /** @type {State["answered"]} */ (row.dataset.answered);
    return { answered, flawed: row.dataset.flawed !== undefined, flagged: marks.isFlagged(Number(row.dataset.number)) };
  }

  /** @param {HTMLElement} row @param {boolean} flagged */
  function showFlag(row, flagged) {
    const told = row.querySelector(".flagged");
    if (!flagged) told?.remove();
    else if (!told && word instanceof HTMLTemplateElement) row.querySelector(".review-states")?.prepend(word.content.cloneNode(true));
  }

  function show() {
    const chosen = filters?.chosen ?? "all";
    let shown = 0;
    for (const row of rows) {
      const state = stateOf(row);
      showFlag(row, state.flagged);
      row.hidden = !matches(chosen, state);
      if (!row.hidden) shown += 1;
    }
    filters?.show([...rows].map(stateOf));
    if (none) none.hidden = shown > 0;
    showFlaggedCount(count([...rows].map(stateOf)).flagged);
  }

  whenChangedElsewhere(() => {
    marks.read();
    show();
  });
  show();
  confirmFirst(() => count([...rows].map(stateOf)));
}

/** Among the figures above the list, and in the question before submitting. @param {number} flagged */
function showFlaggedCount(flagged) {
  for (const shown of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-flagged-count]"))) {
    shown.hidden = flagged === 0 && shown.dataset.flaggedCount !== "always";
    const value = shown.querySelector(".count");
    if (value) value.textContent = String(flagged);
  }
}

/**
 * Asks once more before an exam is submitted in which something is open or flagged, or loses points as it is.
 * @param {() => { open: number, partly: number, flawed: number, flagged: number }} counts
 */
function confirmFirst(counts) {
  const form = document.getElementById("submit-form");
  const dialog = document.getElementById("submit-dialog");
  if (!(form instanceof HTMLFormElement) || !(dialog instanceof HTMLDialogElement)) return;
  let isConfirmed = false;
  form.addEventListener(
    "submit",
    (event) => {
      const { open, partly, flawed, flagged } = counts();
      if (isConfirmed || open + partly + flawed + flagged === 0) return;
      event.preventDefault();
      // Whoever submits in another way is not to begin before the answer.
      event.stopImmediatePropagation();
      const kept = document.getElementById("submit-kept");
      if (kept) kept.hidden = document.getElementById("not-sent")?.hidden !== false;
      dialog.showModal();
    },
    { capture: true },
  );
  dialog.querySelector("#submit-anyway")?.addEventListener("click", () => {
    isConfirmed = true;
    dialog.close();
    // It would fall on what was behind the dialog and leave the page, and the exam would not be submitted.
    swallowSecondClick(SECOND_CLICK_MS);
    form.requestSubmit(/** @type {HTMLElement | null} */ (form.querySelector('button[type="submit"]')));
  });
  dialog.querySelector("#submit-not-yet")?.addEventListener("click", () => dialog.close());
  window.addEventListener("pageshow", () => {
    isConfirmed = false;
  });
}
