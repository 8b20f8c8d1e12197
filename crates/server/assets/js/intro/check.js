// @ts-check
// Whether this device is up to an exam. It looks when it is asked to: a hall of people who read this page asks the server for
// nothing more.

import { shelf } from "../marks/device.js";
import { timeInWords } from "../marks/said.js";
import { clockAhead, judgeClock, judgeConnection, judgeStorage } from "./measure.js";
import { ask } from "./server.js";

const TRIES = 4;
const PROBE = "examhall.probe";
/** A database that neither opens nor fails is one that cannot be relied on. */
const DATABASE_MS = 5_000;

const box = document.getElementById("device-check");
const button = document.getElementById("check-start");
if (box && button) {
  box.hidden = false;
  button.addEventListener("click", () => void check(button));
}

/** @param {HTMLElement} button */
async function check(button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  // Not disabled: it has the focus.
  button.setAttribute("aria-disabled", "true");
  const results = document.getElementById("check-results");
  if (results) results.hidden = false;
  for (const name of ["connection", "storage", "clock"]) show(name, "running", "running");
  const done = document.getElementById("check-done");
  if (done) done.textContent = "";

  const storage = judgeStorage({ local: keepsLocally(), database: await keepsInDatabase() });
  show("storage", storage, storage);
  /** @type {Awaited<ReturnType<typeof ask>>[]} */
  const tries = [];
  // One after another: together they would only measure each other.
  while (tries.length < TRIES) tries.push(await ask());
  const language = document.documentElement.lang;
  const connection = judgeConnection(tries);
  const milliseconds = new Intl.NumberFormat(language, { style: "unit", unit: "millisecond", maximumFractionDigits: 0, numberingSystem: "latn" });
  const figures = { "%t": milliseconds.format(Math.max(1, connection.ms)), "%n": String(connection.failed), "%o": String(TRIES) };
  show("connection", connection.state, connection.state, figures);
  const ahead = clockAhead(tries);
  const clock = judgeClock(ahead);
  show("clock", clock, clock, { "%t": timeInWords(Math.round(Math.abs(ahead ?? 0) / 1_000), language) });

  const isGood = [connection.state, storage, clock].every((state) => state === "good");
  if (done) done.textContent = (isGood ? done.dataset.good : done.dataset.not) ?? "";
  button.textContent = button.dataset.again ?? "";
  button.removeAttribute("aria-disabled");
}

/**
 * @param {string} name of the row
 * @param {string} state
 * @param {string} text which of its texts
 * @param {Record<string, string>} figures put in for what stands before them
 */
function show(name, state, text, figures = {}) {
  const row = document.querySelector(`#check-results [data-check="${name}"]`);
  const words = row?.querySelector(".check-text");
  if (!(row instanceof HTMLElement) || !words) return;
  row.dataset.state = state === "good" || state === "running" ? state : "warn";
  words.textContent = Object.entries(figures).reduce((so, [sign, figure]) => so.replace(sign, figure), row.dataset[text] ?? "");
}

function keepsLocally() {
  try {
    const found = shelf();
    found?.setItem(PROBE, "1");
    const kept = found?.getItem(PROBE) === "1";
    found?.removeItem(PROBE);
    return kept;
  } catch {
    return false;
  }
}

/** Whether a database can be opened and written to. @returns {Promise<boolean>} */
function keepsInDatabase() {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), DATABASE_MS);
    try {
      const opening = indexedDB.open(PROBE, 1);
      opening.onerror = opening.onblocked = () => resolve(false);
      opening.onupgradeneeded = () => opening.result.createObjectStore("probe");
      opening.onsuccess = () => {
        const database = opening.result;
        const writing = database.transaction("probe", "readwrite");
        writing.objectStore("probe").put(1, 1);
        const end = (/** @type {boolean} */ kept) => {
          database.close();
          indexedDB.deleteDatabase(PROBE);
          resolve(kept);
        };
        writing.oncomplete = () => end(true);
        writing.onabort = () => end(false);
      };
    } catch {
      resolve(false);
    }
  });
}
