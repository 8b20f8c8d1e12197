// @ts-check
// What is said of saving: what holds for all that is unsent, or else for the question that is open.

/** @typedef {import("./outbox.js").Outbox} Outbox */

/** How each state looks; the others look like a failure. @type {Record<string, string>} */
const LOOKS = { saving: "saving", saved: "saved", checked: "saved", cleared: "idle", empty: "idle", waiting: "waiting", busy: "waiting", "signed-out": "waiting", elsewhere: "waiting" };

/**
 * @param {Outbox} outbox @param {number} question the one that is open
 * @param {object | null} held what the server holds of it @param {boolean} wasCleared whether it was emptied on this page
 * @param {boolean} [isChecked] whether it takes no answer any more
 */
export function stateOf(outbox, question, held, wasCleared, isChecked = false) {
  if (outbox.end !== null && outbox.unsent.size > 0) return outbox.end;
  // Neither is what it had saved before.
  if (outbox.isGone && !outbox.isSignedOut && outbox.end === null) return "gone";
  if (outbox.unsent.size > 0) return outbox.hold ?? "saving";
  // Nothing is lost, but what is changed here now would not count.
  if (outbox.end === "superseded") return "elsewhere";
  if (outbox.invalid.has(question)) return "invalid";
  if (isChecked || outbox.checked.has(question)) return "checked";
  if (held !== null) return "saved";
  return wasCleared ? "cleared" : "empty";
}

/** The words of a state. @param {HTMLElement} status @param {string} state @param {Outbox} outbox */
function words(status, state, outbox) {
  if (state !== "waiting" && state !== "busy") return status.getAttribute(`data-${state}`) ?? "";
  const count = outbox.unsent.size;
  // Kept is said only of what is.
  const kept = state === "busy" ? "busy" : "kept";
  const name = `${outbox.isKept ? kept : "unkept"}${count === 1 ? "-one" : ""}`;
  return (status.getAttribute(`data-${name}`) ?? "").replace("%n", new Intl.NumberFormat(document.documentElement.lang).format(count));
}

/** @param {HTMLElement} status @param {string} state @param {Outbox} outbox */
export function showState(status, state, outbox) {
  status.dataset.state = LOOKS[state] ?? "failed";
  const text = status.querySelector(".save-text");
  const said = words(status, state, outbox);
  // Said again, it would be read out again.
  if (text && text.textContent !== said) text.textContent = said;
}
