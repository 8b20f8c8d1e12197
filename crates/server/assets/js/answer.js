// @ts-check
// The answer as the form holds it, in the shape of the API, and what makes answering easier: arrows for ordering, a word when
// too many options are marked.

import { hasNoNumber, noteTyped } from "./typed.js";

/**
 * The fields whose names begin with a prefix, by the rest of their names; empty ones are left out.
 * @param {FormData} fields @param {string} prefix
 * @returns {Record<string, string>}
 */
function family(fields, prefix) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, value] of fields) {
    if (name.startsWith(prefix) && typeof value === "string" && value.trim() !== "") found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** @param {FormData} fields @param {string} name */
function text(fields, name) {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}

/**
 * The response of the form; null when the question is left open, undefined while it cannot be one yet (items at one place).
 * @param {HTMLFormElement} form
 * @returns {object | null | undefined}
 */
export function readResponse(form) {
  const fields = new FormData(form);
  switch (form.dataset.kind) {
    case "choice": {
      const chosen = fields.getAll("choice");
      return chosen.length > 0 ? { choice: chosen } : null;
    }
    case "numeric":
      // As the server keeps it.
      return text(fields, "number").trim() ? { number: text(fields, "number").trim() } : null;
    case "short_text":
      return text(fields, "text").trim() ? { text: text(fields, "text") } : null;
    case "matching": {
      const match = family(fields, "match.");
      return Object.keys(match).length > 0 ? { match } : null;
    }
    case "cloze": {
      const blanks = family(fields, "blank.");
      return Object.keys(blanks).length > 0 ? { blanks } : null;
    }
    case "ordering":
      return readOrder(fields);
    default:
      return undefined;
  }
}

/** The items by their places, the last of which may be open, as the server reads them. @param {FormData} fields */
function readOrder(fields) {
  const places = Object.entries(family(fields, "order.")).sort(([, a], [, b]) => Number(a) - Number(b));
  if (places.length === 0) return null;
  const isWithoutGap = places.every(([, place], index) => Number(place) === index + 1);
  return isWithoutGap ? { order: places.map(([item]) => item) } : undefined;
}

/** What two responses are compared by: the form in which the server holds them. @param {object | null} response */
export function canonical(response) {
  const { choice, number } = /** @type {{ choice?: string[], number?: string }} */ (response ?? {});
  if (choice) return JSON.stringify({ choice: [...choice].sort() });
  return JSON.stringify(number === undefined ? response : { number: number.trim() });
}

/**
 * Whether the form holds an answer to a part of the question only: fewer options than asked for, or a field left open.
 * @param {HTMLFormElement} form
 */
export function isPartly(form) {
  const fields = new FormData(form);
  switch (form.dataset.kind) {
    case "choice": {
      const options = /** @type {HTMLElement | null} */ (form.querySelector(".options[data-choose]"));
      return fields.getAll("choice").length < Number(options?.dataset.choose ?? 1);
    }
    case "matching":
    case "cloze":
    case "ordering":
      return [...fields].some(([name, value]) => /^(match|blank|order)\./.test(name) && String(value).trim() === "");
    default:
      return false;
  }
}

/** @param {Element} form or whatever holds the fields of a question */
function hasTooMany(form) {
  const options = /** @type {HTMLElement | null} */ (form.querySelector(".options[data-choose]"));
  return options !== null && options.querySelectorAll("input:checked").length > Number(options.dataset.choose);
}

/** Whether the answer in the form loses points as it is, whatever the key says (`exam::flaw`). @param {HTMLFormElement} form */
export const isFlawed = (form) => hasTooMany(form) || hasNoNumber(form);

/** Says when more options are marked than count. */
export function warnOfTooMany() {
  document.querySelector(".options[data-choose]")?.addEventListener("change", showTooMany);
}

function showTooMany() {
  const note = /** @type {HTMLElement | null} */ (document.querySelector("#choose-note > span"));
  if (note) note.hidden = !hasTooMany(document.documentElement);
}

/** @typedef {{ choice?: string[], number?: string, text?: string, match?: Record<string, string>, blanks?: Record<string, string>, order?: string[] }} Given */

/**
 * Puts a response into the form, as if it had been answered so; null empties it. Nothing hears of it as of a change.
 * @param {HTMLFormElement} form @param {object | null} response
 */
export function fillResponse(form, response) {
  const given = /** @type {Given} */ (response ?? {});
  const sheet = form.querySelector("article.question") ?? form;
  for (const field of sheet.querySelectorAll("input, select")) {
    if (field instanceof HTMLInputElement && field.name === "choice") field.checked = given.choice?.includes(field.value) ?? false;
    else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = valueOf(field.name, given);
  }
  showTooMany();
  noteTyped(form);
  const list = sheet.querySelector("#order");
  if (!list?.classList.contains("is-movable")) return;
  // The placed ones before the open ones.
  for (const item of [...(given.order ?? [])].reverse()) {
    const row = list.querySelector(`[data-item="${CSS.escape(item)}"]`);
    if (row) list.prepend(row);
  }
  list.dispatchEvent(new Event("filled"));
}

/** What a field holds of a response. @param {string} name @param {Given} given @returns {string} */
export function valueOf(name, given) {
  const [family = "", part = ""] = name.split(/\.(.*)/s);
  switch (family) {
    case "number":
      return given.number ?? "";
    case "text":
      return given.text ?? "";
    case "match":
      return given.match?.[part] ?? "";
    case "blank":
      return given.blanks?.[part] ?? "";
    case "order": {
      const place = given.order?.indexOf(part) ?? -1;
      return place < 0 ? "" : String(place + 1);
    }
    default:
      return "";
  }
}

/**
 * Turns the places of an ordering question into rows that move by buttons. The selects stay, unseen, and are what is sent.
 * @param {() => void} changed
 */
export function makeMovable(changed) {
  const list = document.getElementById("order");
  if (!list) return;
  const announcement = document.getElementById("order-announcement");
  const keep = /** @type {HTMLElement | null} */ (document.querySelector(".order-keep"));
  const rows = () => /** @type {HTMLElement[]} */ ([...list.children]);

  const setPlaces = () => {
    for (const [index, row] of rows().entries()) {
      const place = row.querySelector("select");
      if (place) place.value = String(index + 1);
    }
    if (keep) keep.hidden = true;
    enableButtons();
    changed();
  };
  const enableButtons = () => {
    for (const [index, row] of rows().entries()) {
      const [up, down] = row.querySelectorAll("button");
      if (up) up.disabled = index === 0;
      if (down) down.disabled = index === rows().length - 1;
    }
  };

  list.classList.add("is-movable");
  for (const row of rows()) {
    const buttons = /** @type {HTMLElement | null} */ (row.querySelector(".order-buttons"));
    if (buttons) buttons.hidden = false;
  }
  if (keep) keep.hidden = false;
  enableButtons();

  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const row = button?.closest("li");
    if (!button || !row) return;
    if (button.dataset.move === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    setPlaces();
    // At either end the pressed button goes dead; its twin keeps the focus in the row.
    const next = button.disabled ? row.querySelector("button:enabled") : button;
    if (next instanceof HTMLElement) next.focus();
    if (announcement) announcement.textContent = (list.dataset.moved ?? "").replace("%n", String(rows().indexOf(row) + 1));
  });
  list.addEventListener("filled", () => {
    const isOpen = rows().every((row) => row.querySelector("select")?.value === "");
    if (keep) keep.hidden = !isOpen;
    enableButtons();
  });
  document.getElementById("order-keep")?.addEventListener("click", () => {
    setPlaces();
    list.querySelector("button:enabled")?.closest("li")?.querySelector("button")?.focus();
  });
}
