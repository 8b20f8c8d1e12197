// @ts-check
// Striking out options of a choice. The buttons for it come when they are asked for, so that they stand in nobody's way; what is
// struck can still be chosen, and then is struck no more. A chosen option is never struck: a mark changes no answer.

/** @typedef {import("./kept.js").Marks} Marks */
/** @typedef {{ input: HTMLInputElement, label: HTMLElement, letter: string }} Option */

/** The options of the question that is open, in their order. @returns {Option[]} */
export function options() {
  const labels = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#answer-form .options > .option"));
  return [...labels].flatMap((label) => {
    const input = label.querySelector("input");
    return input ? [{ input, label, letter: input.value }] : [];
  });
}

/** The button that strikes an option. @param {Option} option @returns {HTMLElement | null} */
function buttonOf({ label }) {
  const next = label.nextElementSibling;
  return next instanceof HTMLElement && next.matches(".strike") ? next : null;
}

/**
 * Shows what is struck, and the buttons when they are wanted. May be called as often as one likes.
 * @param {Marks} marks @param {number} question @param {boolean} withButtons
 */
export function showStrikes(marks, question, withButtons) {
  const template = document.getElementById("strike-template");
  const found = options();
  found[0]?.label.parentElement?.classList.toggle("has-strikes", withButtons);
  for (const option of found) {
    const struck = marks.isStruck(question, option.letter) && !option.input.checked;
    showStruck(option.label, struck);
    let button = buttonOf(option);
    if (!button && withButtons && template instanceof HTMLTemplateElement) {
      const made = template.content.firstElementChild?.cloneNode(true);
      if (!(made instanceof HTMLElement)) continue;
      made.setAttribute("aria-label", (made.dataset.label ?? "").replace("%l", option.letter.toUpperCase()));
      option.label.after(made);
      button = made;
    }
    if (!button) continue;
    button.hidden = !withButtons;
    button.setAttribute("aria-pressed", String(struck));
    button.setAttribute("aria-disabled", String(option.input.checked));
  }
}

/** For eyes by a line, for ears by a word. @param {HTMLElement} label @param {boolean} struck */
function showStruck(label, struck) {
  label.classList.toggle("is-struck", struck);
  const word = label.querySelector(".struck-word");
  if (!struck) word?.remove();
  else if (!word) {
    const made = document.createElement("span");
    made.className = "visually-hidden struck-word";
    made.textContent = `, ${document.getElementById("marks")?.dataset.struck ?? ""}`;
    label.append(made);
  }
}

/** The option whose button something is part of. @param {Element} target @returns {Option | undefined} */
export function optionOfButton(target) {
  const button = target.closest(".strike");
  return button ? options().find((option) => buttonOf(option) === button) : undefined;
}
