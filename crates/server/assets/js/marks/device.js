// @ts-check
// What this device keeps for a person. Storage may be forbidden, full or missing; then the page remembers until it is left.

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} Shelf */

/** @type {Map<string, string>} */
const instead = new Map();

/** The storage of this device, if there is one that answers. @returns {Shelf | null} */
export function shelf() {
  try {
    // Reading alone may throw where cookies are blocked.
    return localStorage;
  } catch {
    return null;
  }
}

/** What a person prefers on this device; null when they have not said. @param {string} name */
export function preferred(name) {
  const key = `examhall.${name}`;
  try {
    return instead.get(key) ?? localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function prefer(name, value) {
  const key = `examhall.${name}`;
  try {
    localStorage.setItem(key, value);
    instead.delete(key);
  } catch {
    instead.set(key, value);
  }
}

/** Calls when what is stored may have changed behind the page: by another tab, or while it lay in the browser's memory. @param {() => void} anew */
export function whenChangedElsewhere(anew) {
  window.addEventListener("storage", anew);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) anew();
  });
}
