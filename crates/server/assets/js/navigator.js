// @ts-check
// The answer sheet beside the question: says of each question what the server holds of it.

/**
 * Marks a question, for eyes and for ears, and counts anew.
 * @param {number} number @param {"open" | "partly" | "answered"} state
 * @param {boolean} [isFlawed] whether its answer loses points as it is
 */
export function markQuestion(number, state, isFlawed = false) {
  const navigator = document.getElementById("navigator");
  const cell = navigator?.querySelector(`.cell[value="${number}"]`);
  if (!navigator || !cell) return;
  cell.classList.toggle("answered", state === "answered");
  cell.classList.toggle("partly", state === "partly");
  const words = cell.querySelector(".cell-state");
  if (words) words.textContent = `, ${navigator.dataset[state] ?? ""}`;
  const count = document.getElementById("answered-count");
  const answered = navigator.querySelectorAll("button.cell.answered").length;
  if (count) count.textContent = (count.dataset.text ?? "").replace("%n", String(answered));
  markBeside(cell, "flawed", isFlawed);
  countThose("flawed");
  countThose("partly");
}

/**
 * Marks a question that was checked elsewhere, as the page does that comes after one is checked here: beside what it says already.
 * @param {number} number @param {"right" | "partly" | "wrong"} verdict
 */
export function markChecked(number, verdict) {
  const navigator = document.getElementById("navigator");
  const cell = navigator?.querySelector(`.cell[value="${number}"]`);
  const sample = navigator?.querySelector(`.legend [data-checked="${verdict}"]`);
  if (!cell || !sample || cell.hasAttribute("data-checked")) return;
  // What it earns is said by what became of it.
  markBeside(cell, "flawed", false);
  countThose("flawed");
  const word = document.createElement("span");
  word.className = "visually-hidden cell-checked";
  word.textContent = `, ${/** @type {HTMLElement} */ (sample).dataset.word ?? ""}`;
  cell.setAttribute("data-checked", verdict);
  cell.append(word, ...[...sample.children].map((icon) => icon.cloneNode(true)));
}

/** Whether a question is marked as answered, in part or whole. @param {number} number */
export function isMarked(number) {
  return document.querySelector(`#navigator .cell[value="${number}"]:is(.answered, .partly)`) !== null;
}

/**
 * Marks a question of which the last answer was refused: whatever the server holds of it stays, and this is counted apart.
 * @param {number} number @param {boolean} isRefused
 */
export function markRefused(number, isRefused) {
  const cell = document.querySelector(`#navigator button.cell[value="${number}"]`);
  if (cell) markBeside(cell, "refused", isRefused);
  countThose("refused");
}

/** Marks the questions that were answered here and not saved yet, and no others, beside what the server holds of them. @param {number[]} numbers */
export function markWaiting(numbers) {
  for (const cell of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#navigator button.cell"))) {
    const isWaiting = numbers.includes(Number(cell.value));
    if (cell.classList.contains("waiting") !== isWaiting) markBeside(cell, "waiting", isWaiting);
  }
  countThose("waiting");
}

/** @param {Element} cell @param {"flawed" | "refused" | "waiting"} state @param {boolean} isSo */
function markBeside(cell, state, isSo) {
  cell.classList.toggle(state, isSo);
  cell.querySelector(`.cell-${state}`)?.remove();
  if (!isSo) return;
  const word = document.createElement("span");
  word.className = `visually-hidden cell-${state}`;
  word.textContent = `, ${document.getElementById("navigator")?.dataset[state] ?? ""}`;
  cell.append(word);
}

/** @param {"flawed" | "partly" | "refused" | "waiting"} state */
function countThose(state) {
  const line = document.getElementById(`${state}-count`);
  if (!line) return;
  const count = document.querySelectorAll(`#navigator button.cell.${state}`).length;
  line.hidden = count === 0;
  line.textContent = (line.dataset.text ?? "").replace("%n", String(count));
}
