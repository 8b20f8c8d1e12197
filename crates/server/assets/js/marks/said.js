// @ts-check
// What is told to those who do not see it, and how lengths of time are told.

/** Says something once, even when it is what was said last. @param {string} text */
export function say(text) {
  const region = document.getElementById("marks-said");
  if (!region) return;
  // The same text again would be no change, which nobody is told of; the space is not heard.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/**
 * A length of time in words: "1 hour, 5 minutes", "12 minutes, 5 seconds". Seconds are left out from an hour on.
 * @param {number} seconds @param {string} language
 */
export function timeInWords(seconds, language) {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  /** @type {[number, string][]} */
  const parts = [
    [days, "day"],
    [hours, "hour"],
    [days > 0 ? 0 : minutes, "minute"],
    [days + hours > 0 ? 0 : seconds % 60, "second"],
  ];
  const written = parts.filter(([count]) => count > 0);
  if (written.length === 0) written.push([0, "second"]);
  // The digits are those that the server writes in every language.
  const format = /** @type {const} */ ({ style: "unit", unitDisplay: "long", numberingSystem: "latn" });
  const texts = written.map(([count, unit]) => new Intl.NumberFormat(language, { ...format, unit }).format(count));
  return new Intl.ListFormat(language, { type: "unit", style: "long" }).format(texts);
}

/** The seconds of a clock's face: "05:09", "1:05:09"; undefined when it is none. @param {string} face */
export function secondsOf(face) {
  const parts = face.trim().split(":");
  if (parts.length < 2 || !parts.every((part) => /^\d+$/.test(part))) return undefined;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}
