// @ts-check
// Words beside fields into which something is typed: that it cannot be read as a number, or that the field is full.

/** More than any number takes, as the server has it. */
const NUMBER_MAX = 40;
const EXPONENT_MAX = 300;

/** Marks around numbers where one writes from right to left, which nobody sees. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u2066-\u2069]/g;

/** A character as a Western keyboard has it. @param {string} typed */
function western(typed) {
  if (typed === "\u2212") return "-";
  if (typed === "\u066b") return ".";
  const code = typed.charCodeAt(0);
  for (const zero of [0x0660, 0x06f0]) if (code >= zero && code <= zero + 9) return String(code - zero);
  return typed;
}

/** Whether the server can read a text as a number (`NumericKey::parse_number`). @param {string} text */
export function isNumber(text) {
  const plain = [...text.trim().replace(DIRECTION_MARKS, "")].map(western).join("");
  const bare = plain.includes(".") || plain.split(",").length > 2 ? plain : plain.replace(",", ".");
  const found = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?$/i.exec(bare);
  return found !== null && bare.length <= NUMBER_MAX && Math.abs(Number(found[1] ?? 0)) <= EXPONENT_MAX;
}

/** @param {HTMLFormElement} form @returns {HTMLInputElement[]} those of the question */
const typedInto = (form) => [...(form.querySelector("article.question")?.querySelectorAll("input") ?? [])].filter(({ type }) => type === "text");

/** @param {HTMLInputElement} field */
const isNoNumber = (field) => field.inputMode === "decimal" && field.value.trim() !== "" && !isNumber(field.value);

/** Whether something typed into the question cannot be read as the number it should be. @param {HTMLFormElement} form */
export const hasNoNumber = (form) => typedInto(form).some(isNoNumber);

/** How long after a finger is lifted its tap may press something: until then nothing may move. */
const TAP_MS = 400;

/** Whether something is being pressed, by a mouse, a finger or a pen. */
let isPressed = false;
/** What is to be said afterwards. @type {(() => void) | undefined} */
let afterwards;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let release;

/** @param {number} [ms] */
function letGo(ms = 0) {
  if (!isPressed) return;
  clearTimeout(release);
  release = setTimeout(() => {
    isPressed = false;
    afterwards?.();
    afterwards = undefined;
  }, ms);
}

/** Sets up once for the page that words come when nothing is being pressed: it would move away from under the pointer, and not be pressed. */
export function awaitPointer() {
  const options = { capture: true, passive: true };
  document.addEventListener(
    "pointerdown",
    ({ button }) => {
      clearTimeout(release);
      isPressed = button === 0;
    },
    options,
  );
  // A mouse presses before it is let go, a finger by its tap afterwards.
  document.addEventListener("pointerup", ({ pointerType }) => letGo(pointerType === "mouse" ? 0 : TAP_MS), options);
  for (const end of ["click", "pointercancel", "contextmenu", "keydown"]) document.addEventListener(end, () => letGo(), options);
  window.addEventListener("blur", () => letGo());
  // Lists to choose from, and scroll bars, keep to themselves when they are let go.
  document.addEventListener("pointermove", ({ buttons }) => buttons === 0 && letGo(), options);
}

/**
 * Says what is to be said of what stands in the fields of the question.
 * @param {HTMLFormElement} form @param {boolean} isTyping whether somebody is at it: a number that has only begun is none yet
 */
export function noteTyped(form, isTyping = false) {
  // What nobody sees moves nothing.
  if (isPressed && form.isConnected) {
    afterwards = () => noteTyped(form, isTyping);
    return;
  }
  const fields = typedInto(form);
  for (const field of fields) {
    if (!isNoNumber(field)) field.removeAttribute("aria-invalid");
    else if (!isTyping) field.setAttribute("aria-invalid", "true");
  }
  const said = { number: fields.some((field) => field.getAttribute("aria-invalid") === "true"), full: fields.some(({ value, maxLength }) => maxLength > 0 && value.length >= maxLength) };
  for (const [why, isSaid] of Object.entries(said)) {
    const words = form.querySelector(`.typed-note [data-why="${why}"]`);
    if (words instanceof HTMLElement) words.hidden = !isSaid;
  }
}
