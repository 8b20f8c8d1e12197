// @ts-check
// Which questions are shown, in the navigator and in the review: all, or those that still want something.

/** @typedef {"all" | "open" | "partly" | "flawed" | "flagged"} Filter */
/** @typedef {{ answered: "open" | "partly" | "answered", flawed: boolean, flagged: boolean }} State */

/** @param {Filter} filter @param {State} state */
export function matches(filter, state) {
  if (filter === "flawed" || filter === "flagged") return state[filter];
  return filter === "all" || state.answered === filter;
}

/** How many questions each filter shows. @param {State[]} states */
export function count(states) {
  const of = (/** @type {Filter} */ filter) => states.filter((state) => matches(filter, state)).length;
  return { all: of("all"), open: of("open"), partly: of("partly"), flawed: of("flawed"), flagged: of("flagged") };
}

/** Buttons of which one is pressed, each with a count. */
export class Filters {
  /**
   * @param {HTMLElement} group holds buttons with `data-filter`
   * @param {Filter} chosen
   * @param {(chosen: Filter) => void} changed
   */
  constructor(group, chosen, changed) {
    this.group = group;
    this.chosen = chosen;
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[data-filter]") : null;
      if (!(button instanceof HTMLElement)) return;
      this.chosen = /** @type {Filter} */ (button.dataset.filter);
      changed(this.chosen);
    });
  }

  /** Shows which one is pressed and how many questions each would show. @param {State[]} states */
  show(states) {
    const counts = count(states);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.group.querySelectorAll("[data-filter]"))) {
      const filter = /** @type {Filter} */ (button.dataset.filter);
      const shown = button.querySelector(".filter-count");
      const text = String(counts[filter]);
      if (shown && shown.textContent !== text) shown.textContent = text;
      button.setAttribute("aria-pressed", String(filter === this.chosen));
      // One that is pressed stays, to be let go of.
      if (button.dataset.rare !== undefined) button.hidden = counts[filter] === 0 && filter !== this.chosen;
    }
  }
}
