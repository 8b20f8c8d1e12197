// @ts-check
// The answer sheet beside the question: says of each question what the server holds of it.

/**
 * Marks a question, for eyes and for ears, and counts anew.
 * @param {number} number @param {"open" | "partly" | "answered"} state
 */
export function markQuestion(number, state) {
  const navigator = document.getElementById("navigator");
  const cell = navigator?.querySelector(`.cell[value="${number}"]`);
  if (!navigator || !cell) return;
  cell.classList.toggle("answered", state === "answered");
  cell.classList.toggle("partly", state === "partly");
  const words = cell.querySelector(".cell-state");
  if (words) words.textContent = `, ${navigator.dataset[state] ?? ""}`;
  const count = document.getElementById("answered-count");
  const answered = navigator.querySelectorAll("button.cell:is(.answered, .partly)").length;
  if (count) count.textContent = (count.dataset.text ?? "").replace("%n", String(answered));
}
