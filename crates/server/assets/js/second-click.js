// @ts-check
// The second click of a double click, which falls on whatever has come to lie where the first one was.

/**
 * Swallows such clicks for a moment.
 * @param {number} forMs @param {(event: MouseEvent) => boolean} isSecond of clicks in that time
 */
export function swallowSecondClick(forMs, isSecond = () => true) {
  const swallow = (/** @type {MouseEvent} */ event) => {
    if (!isSecond(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("click", swallow, { capture: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), forMs);
}
