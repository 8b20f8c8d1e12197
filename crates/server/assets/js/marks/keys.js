// @ts-check
// Which key does what. Single keys, since combinations belong to browsers and screen readers; so they can be switched off.

/** The first letters choose options, so commands are among the last ones. */
export const KEYS = Object.freeze({ next: "n", previous: "p", review: "r", flag: "m", strike: "x", clock: "t", help: "?" });

/** The last letter that chooses an option. */
const LAST_LETTER = "l";

/** @typedef {keyof typeof KEYS} Name */
/** @typedef {{ name: Name } | { name: "choose", place: number }} Command `place` counts options from 1 */
/**
 * @typedef {Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey" | "repeat" | "isComposing">} Pressed
 */

/** The letter or digit of a key; on keyboards of other scripts, by where the key lies. @param {Pressed} pressed */
function symbol({ key, code }) {
  const letter = key.toLowerCase();
  if (/^[a-z0-9]$/.test(letter)) return letter;
  if (key === "?" || key === "؟") return "?";
  // Keys with names, such as Enter, and signs that people may mean otherwise, are none.
  if (/^Numpad[0-9]$/.test(code)) return /^\p{Nd}$/u.test(key) ? code.slice(-1) : "";
  if (key.length !== 1 || key.charCodeAt(0) < 128) return "";
  return /^(Key[A-Z]|Digit[0-9])$/.test(code) ? code.slice(-1).toLowerCase() : "";
}

/**
 * What a key means; null when it means nothing here.
 * @param {Pressed} pressed
 * @returns {Command | null}
 */
export function commandOf(pressed) {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey || pressed.repeat || pressed.isComposing) return null;
  const pressedSymbol = symbol(pressed);
  if (pressedSymbol === "?") return { name: "help" };
  // Some keyboards have digits above Shift.
  if (/^[1-9]$/.test(pressedSymbol)) return { name: "choose", place: Number(pressedSymbol) };
  if (pressed.shiftKey || pressedSymbol === "" || pressedSymbol === "0") return null;
  if (pressedSymbol <= LAST_LETTER) return { name: "choose", place: pressedSymbol.charCodeAt(0) - "a".charCodeAt(0) + 1 };
  for (const name of /** @type {Name[]} */ (Object.keys(KEYS))) if (KEYS[name] === pressedSymbol) return { name };
  return null;
}

/** Fields in which keys are typed, or choose by themselves. */
const TYPED_INTO = 'input:not([type="radio"], [type="checkbox"], [type="button"], [type="submit"]), textarea, select, [contenteditable]';

/** Whether a key pressed there is for the place it is pressed in. @param {EventTarget | null} target */
export function isTyping(target) {
  return target instanceof Element && target.closest(TYPED_INTO) !== null;
}
