// @ts-check
// An answer in a line of words, for whoever is to say which of two is meant.

import { fillResponse } from "../answer.js";

/** More of what an author wrote tells nobody anything. */
const TEXT_MAX = 80;

/** @param {string | null | undefined} text */
function short(text) {
  const words = (text ?? "").replace(/\s+/g, " ").trim();
  return words.length > TEXT_MAX ? `${words.slice(0, TEXT_MAX - 1).trimEnd()}…` : words;
}

/** What a select shows; nothing for one that is open. @param {HTMLSelectElement} select */
const chosen = (select) => (select.value === "" ? "" : short(select.selectedOptions[0]?.textContent));

/**
 * @param {HTMLFormElement} form a copy of the question, to be filled @param {object | null} response
 * @returns {string[]} its parts; none for a question that is left open
 */
export function inWords(form, response) {
  if (response === null) return [];
  fillResponse(form, response);
  const selects = /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll("article.question select"));
  switch (form.dataset.kind) {
    case "choice":
      return [...form.querySelectorAll(".option")]
        .filter((option) => option.querySelector("input:checked"))
        .map((option) => `${option.querySelector(".letter")?.textContent ?? ""}. ${short(option.querySelector(".option-text")?.textContent)}`);
    case "matching":
      return [...selects].filter(chosen).map((select) => `${short(select.closest("li")?.querySelector("label")?.textContent)}: ${chosen(select)}`);
    case "ordering": {
      const placed = [...selects].filter((select) => select.value !== "").sort((a, b) => Number(a.value) - Number(b.value));
      return placed.map((select) => `${select.value}. ${short(select.closest("li")?.querySelector(".order-text")?.textContent)}`);
    }
    case "cloze": {
      const fields = /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (form.querySelectorAll('[name^="blank."]'));
      return [...fields].map((field) => (field instanceof HTMLSelectElement ? chosen(field) : field.value) || "…");
    }
    default: {
      const field = /** @type {HTMLInputElement | null} */ (form.querySelector("article.question input[type=text]"));
      // What was typed, whole: two answers may differ at their end only.
      return field ? [field.value] : [];
    }
  }
}
