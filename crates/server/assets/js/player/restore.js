// @ts-check
// What an earlier page kept on this device and could not send. It is sent now, unless the question was answered elsewhere since: then
// the person says which answer is meant.

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./outbox.js").Outbox} Outbox */

/** How long to wait for what the server holds. */
const REQUEST_MS = 10_000;

/** What the server holds, by question; undefined while it cannot be asked. @param {string} attempt */
async function answersOf(attempt) {
  try {
    const response = await fetch(`/api/v1/attempts/${attempt}`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (!response.ok) return undefined;
    return /** @type {{ answers: Record<string, object> }} */ (await response.json()).answers;
  } catch {
    return undefined;
  }
}

/** Marks of a choice have no order. @param {object | null} response */
function canonical(response) {
  const { choice } = /** @type {{ choice?: string[] }} */ (response ?? {});
  return JSON.stringify(choice ? { choice: [...choice].sort() } : response);
}

/**
 * What is to become of kept answers: known to the server already, to be sent, or answered elsewhere since.
 * @param {Kept[]} kept @param {Record<string, object>} answers
 */
export function sorted(kept, answers) {
  /** @type {{ saved: Kept[], unsent: Kept[], differing: Kept[] }} */
  const found = { saved: [], unsent: [], differing: [] };
  for (const one of kept) {
    const held = canonical(answers[one.question] ?? null);
    if (held === canonical(one.response)) found.saved.push(one);
    else if (one.bases.some((base) => held === canonical(JSON.parse(base)))) found.unsent.push(one);
    else found.differing.push(one);
  }
  return found;
}

/**
 * @param {Outbox} outbox
 * @param {Map<number, object | null>} held what the server holds, as far as the page knows
 * @param {(kept: Kept) => void} putBack shows one of them
 * @param {boolean} isOld whether the page came from this device instead of the server
 */
export async function restore(outbox, held, putBack, isOld) {
  const { account, attempt } = outbox.page;
  const all = await outbox.shelf.list(account, attempt).catch(() => []);
  // Of an old page, what this device knows is newer.
  if (isOld) for (const one of all) if (one.isSaved) putBack(one);
  const kept = all.filter((one) => !one.isSaved && !outbox.unsent.has(one.question));
  if (kept.length === 0) return;
  const answers = await answersOf(attempt);
  // Out of reach, the server decides by what it will hold then: nothing here is older than what this device saw.
  const { saved, unsent, differing } = answers ? sorted(kept, answers) : { saved: [], unsent: kept, differing: [] };
  for (const one of saved) outbox.done(one);
  for (const [number, response] of Object.entries(answers ?? {})) held.set(Number(number), response);
  for (const one of unsent) putBack(one);
  outbox.adopt(unsent);
  if (differing.length > 0) ask(outbox, differing, putBack);
}

/** @param {Outbox} outbox @param {Kept[]} differing @param {(kept: Kept) => void} putBack */
function ask(outbox, differing, putBack) {
  const notice = document.getElementById("kept-differs");
  const text = notice?.querySelector("p");
  if (!notice || !text) return;
  const names = new Intl.ListFormat(document.documentElement.lang).format(differing.map((one) => String(one.question)));
  text.textContent = (notice.dataset.text ?? "").replace("%q", names);
  notice.hidden = false;
  document.getElementById("kept-use")?.addEventListener("click", () => {
    notice.hidden = true;
    for (const one of differing) putBack(one);
    outbox.adopt(differing);
  });
  document.getElementById("kept-drop")?.addEventListener("click", () => {
    notice.hidden = true;
    for (const one of differing) outbox.done(one);
  });
}
