// @ts-check
// The navigator: flags on its bubbles, counts, and which of them are shown. Whether a question is answered is written there by
// others, into the classes of the bubbles, and read from there.

import { remember, remembered } from "../clock.js";
import { Filters, matches } from "./filters.js";

/** @typedef {import("./filters.js").State} State */

/** @param {HTMLElement} cell @param {boolean} flagged @param {string} word */
function showFlag(cell, flagged, word) {
  cell.toggleAttribute("data-flagged", flagged);
  const told = cell.querySelector(".cell-flag");
  if (!flagged) told?.remove();
  else if (!told) {
    const made = document.createElement("span");
    made.className = "visually-hidden cell-flag";
    made.textContent = `, ${word}`;
    cell.append(made);
  }
}

/** @param {HTMLElement} cell @returns {State} */
function stateOf(cell) {
  const answered = cell.classList.contains("answered") ? "answered" : cell.classList.contains("partly") ? "partly" : "open";
  return { answered, flawed: cell.classList.contains("flawed"), flagged: cell.hasAttribute("data-flagged") };
}

/**
 * Sets the navigator up, when there is one.
 * @param {(question: number) => boolean} isFlagged
 * @param {string} attempt whose filter is remembered
 * @returns {() => void} shows it anew
 */
export function runGrid(isFlagged, attempt) {
  const navigator = document.getElementById("navigator");
  const group = document.getElementById("navigator-filters");
  const none = document.getElementById("navigator-none");
  const grid = navigator?.querySelector(".bubble-grid");
  if (!navigator || !group || !none || !grid) return () => {};
  const word = document.getElementById("marks")?.dataset.flagged ?? "";
  const name = `filter.${attempt}`;
  const before = /** @type {import("./filters.js").Filter | null} */ (remembered(name));
  // As long as the tab is open: without the player, each question is a page of its own.
  const filters = new Filters(group, before ?? "all", (chosen) => {
    remember(name, chosen);
    show();
  });

  function show() {
    const cells = /** @type {NodeListOf<HTMLButtonElement>} */ (grid?.querySelectorAll("button.cell"));
    /** @type {State[]} */
    const states = [];
    let shown = 0;
    for (const cell of cells) {
      showFlag(cell, isFlagged(Number(cell.value)), word);
      const state = stateOf(cell);
      states.push(state);
      const row = cell.closest("li");
      // Where one is stays in sight, even when it has just been answered.
      const isShown = matches(filters.chosen, state) || cell.hasAttribute("aria-current");
      if (row) row.hidden = !isShown;
      if (matches(filters.chosen, state)) shown += 1;
    }
    filters.show(states);
    if (none) none.hidden = shown > 0;
  }

  // The classes change with every answer that is saved.
  new MutationObserver(show).observe(grid, { subtree: true, attributes: true, attributeFilter: ["class", "aria-current"] });
  show();
  return show;
}
