// @ts-check
// The page of a question: saves as one goes, shows the truth about it, and runs the clock; once the whole paper is here, moves on without
// going anywhere. Without it the same form saves when its buttons are pressed.

import { fillResponse, isPartly, makeMovable, readResponse, warnOfTooMany } from "./answer.js";
import { runClock } from "./clock.js";
import { markQuestion } from "./navigator.js";
import { keepAtHand } from "./player/at-hand.js";
import { openShelf } from "./player/device.js";
import { Outbox } from "./player/outbox.js";
import { Paper } from "./player/paper.js";
import { restore } from "./player/restore.js";
import { runSignIn } from "./player/sign-in.js";
import { showState, stateOf } from "./player/state.js";

/** How long after the last key typed text is saved. */
const TYPING_PAUSE_MS = 800;
/** How long the last save may take once time is up, before the attempt is handed in without it. */
const LAST_SAVE_MS = 4_000;
/** When the rest of the paper is fetched by itself: a hall full of pages does not do it at once. */
const FETCH_AFTER_MS = [2_000, 15_000];

/** @typedef {import("./player/device.js").Kept} Kept */
/** @typedef {import("./player/restore.js").Given} Given */

// Before anything changes it.
const served = `<!doctype html>${document.documentElement.outerHTML}`;
const form = document.getElementById("answer-form");
const status = document.getElementById("save-state");

/** @param {number} milliseconds @returns {Promise<void>} */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param {object | null | undefined} response */
const json = (response) => JSON.stringify(response ?? null);

if (form instanceof HTMLFormElement && status) void start(form, status);

/** @param {HTMLFormElement} form @param {HTMLElement} status */
async function start(form, status) {
  const attempt = form.dataset.attempt ?? "";
  const account = form.dataset.account ?? "";
  const takeOver = document.getElementById("take-over");
  const notSent = document.getElementById("not-sent");
  const paper = new Paper(form);
  /** What the server holds, by question, as far as this page has seen it; and what the form held last. @type {Map<number, object | null>} */
  const held = new Map();
  /** @type {Map<number, string>} */
  const known = new Map();
  /** @type {Set<number>} */
  const cleared = new Set();
  let leaving = false;
  let isOver = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const clock = document.getElementById("clock");
  // A page that comes from this device says so; it knows the server's clock as it was then.
  const isOld = form.dataset.keptAt !== undefined;
  const age = isOld ? Math.max(0, Date.now() - Number(form.dataset.keptAt)) : 0;
  if (isOld && clock) clock.dataset.serverTime = new Date(Date.parse(form.dataset.made ?? "") + age).toISOString();
  // What was typed before the scripts came is a change like any other: the defaults are what the server holds, unless it could not take them.
  const initial = form.dataset.unsaved === undefined ? asServed(form) : null;
  held.set(paper.number, initial);
  known.set(paper.number, json(initial));

  const outbox = new Outbox(
    { account, attempt, writer: Number(form.dataset.writer), lastSeq: Number(form.dataset.lastSeq) },
    await openShelf(),
    { changed: show, saved, time: (...told) => setClock(...told), pen: (writer) => setField("writer", writer) },
  );
  const showSignIn = runSignIn(account, () => void outbox.flush());

  /** @param {Kept} kept */
  function saved(kept) {
    held.set(kept.question, kept.response);
    if (kept.response === null) cleared.add(kept.question);
    markQuestion(kept.question, kept.response === null ? "open" : kept.partly ? "partly" : "answered");
  }

  function show() {
    const state = stateOf(outbox, paper.number, held.get(paper.number) ?? null, cleared.has(paper.number));
    // What is being typed is neither saved nor kept yet, whatever is said of what was there before.
    showState(status, pause !== undefined && ["saved", "cleared", "empty", "waiting"].includes(state) ? "saving" : state, outbox);
    if (takeOver) takeOver.hidden = state !== "superseded";
    showSignIn(state === "signed-out");
    if (notSent && !outbox.isPending && navigator.onLine) notSent.hidden = true;
  }

  const setClock = runClock(async () => {
    isOver = true;
    change();
    await Promise.race([outbox.flush(), sleep(LAST_SAVE_MS)]);
    leaving = true;
    return { isLate: outbox.end === "late", isWaiting: outbox.isPending };
  });

  /** @param {string} name @param {number} value */
  function setField(name, value) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
  }

  /** Saves what the form holds, if it is an answer and a new one. */
  function change() {
    clearTimeout(pause);
    pause = undefined;
    const response = readResponse(form);
    if (response === undefined || json(response) === known.get(paper.number)) {
      show();
      return;
    }
    known.set(paper.number, json(response));
    outbox.save(paper.number, response, json(held.get(paper.number)), isPartly(form));
  }

  form.addEventListener("change", change);
  form.addEventListener("input", (event) => {
    const typed = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!typed) return;
    clearTimeout(pause);
    pause = setTimeout(change, TYPING_PAUSE_MS);
    show();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) change();
  });
  window.addEventListener("online", () => void outbox.flush());

  /** An answer that its sheet was not made with, put on it: now, or when it is shown. @param {Given} given */
  function putBack(given) {
    // A sheet that lies aside is made anew.
    if (given.question !== paper.number) paper.sheets.delete(given.question);
    // Not over what has been typed since the page came.
    else if (json(readResponse(form)) === known.get(paper.number)) {
      fillResponse(form, given.response);
      known.set(paper.number, json(given.response));
    }
  }

  /** @param {Given} given what the server holds of a question, or is known to have held last */
  function hold(given) {
    held.set(given.question, given.response);
    putBack(given);
  }

  /** Asks what the server holds, and shows it where nothing was answered here meanwhile. @returns {Promise<Record<string, object>>} */
  async function look() {
    const before = new Map(known);
    const unsent = new Set(outbox.unsent.keys());
    const answers = await outbox.answers();
    for (let number = 1; number <= paper.count; number += 1) {
      if (unsent.has(number) || outbox.unsent.has(number) || known.get(number) !== before.get(number)) continue;
      const response = answers[number] ?? null;
      // A sheet that shows it already may hold more, such as an order that is none yet.
      if (!held.has(number) || json(held.get(number)) !== json(response)) hold({ question: number, response });
    }
    show();
    return answers;
  }

  /** Shows a question. @param {number} number @param {boolean} isNew whether it is a step to go back from */
  function open(number, isNew) {
    change();
    const isFresh = paper.put(number);
    if (isFresh === null) return false;
    if (isFresh) {
      const response = readResponse(form) ?? null;
      if (!held.has(number)) held.set(number, response);
      known.set(number, json(response));
      warnOfTooMany();
      makeMovable(change);
      // It may have been answered since it was fetched, here or elsewhere.
      const last = (outbox.unsent.get(number) ?? { response: held.get(number) ?? null }).response;
      if (json(last) !== json(response)) putBack({ question: number, response: last });
    }
    if (isNew) history.pushState({ question: number }, "", `/attempts/${attempt}?question=${number}`);
    show();
    document.getElementById("question-heading")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    document.dispatchEvent(new CustomEvent("question-shown", { detail: { number } }));
    return true;
  }

  /** Goes where a button says, within the page if that can be. @param {string} to @param {HTMLElement | null} button */
  async function go(to, button) {
    const number = paper.target(to);
    if (number !== null && (await paper.load()) && open(number, true)) return;
    // The next page is the server's, and tells what the server holds.
    if (outbox.isPending) await Promise.race([outbox.flush(), sleep(LAST_SAVE_MS)]);
    // Out of reach, it would be no page at all.
    if (outbox.isPending || !navigator.onLine || !(await reachesServer())) {
      if (notSent) notSent.hidden = false;
      return;
    }
    isGoing = true;
    form.requestSubmit(button);
    isGoing = false;
  }
  /** Whether the form is being sent the usual way. */
  let isGoing = false;
  /** Whether a way is being tried; what is pressed meanwhile is pressed too often. */
  let isTrying = false;

  form.addEventListener("submit", (event) => {
    change();
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    if (button?.value === "clear") {
      event.preventDefault();
      fillResponse(form, null);
      change();
      return;
    }
    if (isGoing || event.defaultPrevented) {
      const used = outbox.handOver();
      if (used !== null) setField("seq", used);
      return;
    }
    event.preventDefault();
    if (isTrying) return;
    isTrying = true;
    void tryToGo(button?.value || "next", button).finally(() => {
      isTrying = false;
    });
  });

  /** @param {string} to @param {HTMLElement | null} button */
  async function tryToGo(to, button) {
    if (outbox.asking && !paper.isLoaded) await outbox.asking.catch(() => {});
    await go(to, button);
  }

  document.addEventListener("go-to", (event) => {
    const { to } = /** @type {CustomEvent<{ to: number | string }>} */ (event).detail;
    const number = paper.isLoaded ? paper.target(String(to)) : null;
    if (number !== null && open(number, true)) event.preventDefault();
  });
  history.replaceState({ question: paper.number }, "");
  window.addEventListener("popstate", (event) => {
    const number = Number(event.state?.question ?? new URLSearchParams(location.search).get("question") ?? paper.number);
    if (number !== paper.number && !open(number, false)) location.reload();
  });
  window.addEventListener("beforeunload", (event) => {
    change();
    if (outbox.isIdle && !leaving && !isGoing) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    // Other pages of this tab have used numbers since.
    if (event.persisted) location.reload();
  });
  window.addEventListener("pagehide", () => {
    change();
    outbox.sendLast();
  });
  document.getElementById("take-over-button")?.addEventListener("click", async () => {
    change();
    await outbox.takeOver();
    // What was answered elsewhere meanwhile is to be seen here; out of reach, with the next page.
    await look().catch(() => {});
  });

  warnOfTooMany();
  makeMovable(change);
  // Nothing is called saved before it is known what this device keeps.
  await restore(outbox, { look, hold, putBack }, isOld);
  change();
  show();
  await keepAtHand(attempt, served);
  const asked = Number(new URLSearchParams(location.search).get("question") ?? paper.number);
  if (isOld && asked !== paper.number && (await paper.load())) open(asked, false);
  const [least = 0, most = 0] = FETCH_AFTER_MS;
  await sleep(least + Math.random() * (most - least));
  // After the end nobody is given the questions.
  if (!isOver) await paper.load();
}

/** Whether the server says anything at all just now. */
async function reachesServer() {
  try {
    await fetch("/healthz", { signal: AbortSignal.timeout(LAST_SAVE_MS) });
    return true;
  } catch {
    return false;
  }
}

/** The answer as the page came with it, whatever has been typed since. @param {HTMLFormElement} form @returns {object | null} */
function asServed(form) {
  const copy = /** @type {HTMLFormElement} */ (form.cloneNode(true));
  // A copy takes over what was typed; what it came with stands in the attributes.
  copy.reset();
  return readResponse(copy) ?? null;
}
