// @ts-check
// What an earlier page kept on this device and could not send. It is sent now, unless the question was answered elsewhere since: then
// the person says which answer is meant.

/** @typedef {import("./device.js").Kept} Kept */
/** @typedef {import("./outbox.js").Outbox} Outbox */

/** @typedef {Pick<Kept, "question" | "response">} Given */

/**
 * @typedef {object} Sheets what the page shows
 * @property {() => Promise<Record<string, object>>} look asks what the server holds, and shows it
 * @property {(given: Given) => void} hold shows what the server holds of a question
 * @property {(given: Given) => void} putBack shows an answer that is not saved
 */

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

/** @param {Outbox} outbox @param {Sheets} sheets @param {boolean} isOld whether the page came from this device instead of the server */
export async function restore(outbox, sheets, isOld) {
  const { account, attempt } = outbox.page;
  const all = await outbox.shelf.list(account, attempt).catch(() => []);
  const kept = all.filter((one) => !one.isSaved && !outbox.unsent.has(one.question));
  // Of an old page, what this device knows is newer.
  for (const one of all) {
    if (!isOld || !one.isSaved || outbox.unsent.has(one.question)) continue;
    outbox.listener.saved(one);
    sheets.hold(one);
  }
  if (kept.length === 0) return;
  // Sent under a new pen, they would outdo what came from elsewhere meanwhile; so that is asked first, as soon as it can be.
  outbox.first = async () => {
    const answers = await sheets.look();
    settle(outbox, sheets, kept.filter((one) => outbox.unsent.get(one.question)?.stamp === one.stamp), answers);
  };
  outbox.adopt(kept);
  for (const one of kept) sheets.putBack(one);
}

/** @param {Outbox} outbox @param {Sheets} sheets @param {Kept[]} kept @param {Record<string, object>} answers what the server holds */
function settle(outbox, sheets, kept, answers) {
  const { saved, unsent, differing } = sorted(kept, answers);
  for (const one of saved) {
    outbox.done(one);
    outbox.listener.saved(one);
    sheets.hold(one);
  }
  outbox.adopt(unsent);
  for (const one of unsent) sheets.putBack(one);
  for (const one of differing) {
    outbox.unsent.delete(one.question);
    sheets.hold({ question: one.question, response: answers[one.question] ?? null });
  }
  if (differing.length > 0) ask(outbox, differing, sheets);
}

/** @param {Outbox} outbox @param {Kept[]} differing @param {Sheets} sheets */
function ask(outbox, differing, sheets) {
  const notice = document.getElementById("kept-differs");
  const text = notice?.querySelector("p");
  if (!notice || !text) return;
  const names = new Intl.ListFormat(document.documentElement.lang).format(differing.map((one) => String(one.question)));
  text.textContent = (notice.dataset.text ?? "").replace("%q", names);
  notice.hidden = false;
  document.getElementById("kept-use")?.addEventListener("click", () => {
    notice.hidden = true;
    outbox.adopt(differing);
    for (const one of differing) sheets.putBack(one);
  });
  document.getElementById("kept-drop")?.addEventListener("click", () => {
    notice.hidden = true;
    for (const one of differing) outbox.done(one);
  });
}
