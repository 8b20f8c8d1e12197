// @ts-check
// The page of a question: saves as one goes, shows the truth about it, and runs the clock; once the whole paper is here, moves on without
// going anywhere. Without it the same form saves when its buttons are pressed.

import { fillResponse, isFlawed, isPartly, makeMovable, readResponse, warnOfTooMany } from "./answer.js";
import { between, runClock, sleep } from "./clock.js";
import { markRefused, markWaiting } from "./navigator.js";
import { Asked, runAsked } from "./player/asked.js";
import { keepAtHand } from "./player/at-hand.js";
import { openShelf } from "./player/device.js";
import { leaveEvidence } from "./player/evidence.js";
import { isOutdated } from "./player/lifetime.js";
import { showNotice } from "./player/notice.js";
import { Outbox } from "./player/outbox.js";
import { Paper } from "./player/paper.js";
import { compare, dropKept, restore, useKept } from "./player/restore.js";
import { Sheets, json } from "./player/sheets.js";
import { runSignIn } from "./player/sign-in.js";
import { showState, stateOf } from "./player/state.js";
import { tellTabs } from "./player/tabs.js";
import { swallowSecondClick } from "./second-click.js";
import { awaitPointer, noteTyped } from "./typed.js";

/** How long after the last key typed text is saved. */
const TYPING_PAUSE_MS = 800;
/** How long the last save may take once time is up, before the attempt is handed in without it. */
const LAST_SAVE_MS = 4_000;
/** When the rest of the paper is fetched by itself: a hall full of pages does not do it at once. */
const FETCH_AFTER_MS = [2_000, 15_000];

/** When the server is asked whether it still holds what it has acknowledged: now and then, soon while a person is asked which answer they
 * mean, after it was away, and when that failed. */
const CHECK_AFTER_MS = { anyTime: [240_000, 360_000], asking: [15_000, 30_000], return: [1_000, 8_000], failure: [10_000, 20_000], load: [0, 1_000], shown: [0, 1_000] };
/** How often, and after how long, a device that is slow to hand out the questions is asked for them again. */
const ASKED_TRIES = 10;
const ASKED_AGAIN_MS = [500, 1_500];
/** Within that, a button that is pressed again is a double click. */
const TWICE_MS = 700;
/** How long somebody is away before another device may have been used meanwhile. */
const AWAY_MS = 20_000;

/** @typedef {import("./player/device.js").Kept} Kept */

// Before anything changes it.
const served = `<!doctype html>${document.documentElement.outerHTML}`;
const form = document.getElementById("answer-form");
const status = document.getElementById("save-state");

/** A moment in milliseconds, or that there is none. @param {string | null | undefined} text */
const moment = (text) => (text ? Date.parse(text) : null);

if (form instanceof HTMLFormElement && status) void start(form, status);

/** @param {HTMLFormElement} form @param {HTMLElement} status */
async function start(form, status) {
  const attempt = form.dataset.attempt ?? "";
  if (form.dataset.unsaved === "superseded") {
    // This device has kept what was answered here, and asks; the page is to show what the server holds.
    location.replace(`/attempts/${attempt}?question=${form.dataset.question}&notice=superseded`);
    return;
  }
  const account = form.dataset.account ?? "";
  const takeOver = document.getElementById("take-over");
  const notSent = document.getElementById("not-sent");
  const checkNotSent = document.getElementById("check-not-sent");
  const checkUnanswered = document.getElementById("check-unanswered");
  const checkPartly = document.getElementById("check-partly");
  const gone = document.getElementById("attempt-gone");
  const ended = document.getElementById("attempt-ended");
  const paper = new Paper(form);
  let leaving = false;
  let isOver = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const clock = document.getElementById("clock");
  // A page that comes from this device says so; it knows the server's clock as it was then.
  const isOld = form.dataset.keptAt !== undefined;
  const age = isOld ? Math.max(0, Date.now() - Number(form.dataset.keptAt)) : 0;
  if (isOld && clock) clock.dataset.serverTime = new Date(Date.parse(form.dataset.made ?? "") + age).toISOString();
  // What a device keeps that is slow to say so is not lost.
  const shelf = await openShelf(async (late) => {
    await outbox.moveTo(late);
    await restore(outbox, sheets, isOld);
    show();
  });
  // Somebody else's that the server has is of no use to anybody here, and what is over is not either.
  const isNobodys = (/** @type {Kept} */ kept) => isOutdated(kept, Date.now()) || (kept.isSaved && kept.account !== account);
  shelf.letGo(isNobodys).catch(() => {});
  const outbox = new Outbox(
    { account, attempt, writer: Number(form.dataset.writer), lastSeq: Number(form.dataset.lastSeq), until: moment(clock?.dataset.deadline) },
    shelf,
    {
      changed: show,
      saved: (kept) => sheets.saved(kept),
      answered: (number) => doubtful.forget(number),
      refused: (number) => markRefused(number, outbox.invalid.has(number)),
      time: (...told) => {
        outbox.page.until = moment(told[1]);
        setClock(...told);
      },
      pen: (writer) => {
        setField("writer", writer);
        tell(writer);
      },
      back: () => checkAfter("return"),
      compare: () => compare(outbox, sheets),
    },
  );
  const tell = tellTabs(attempt, (writer) => outbox.met(writer));
  if (outbox.hasPen) tell(outbox.writer);
  const showSignIn = runSignIn(account, () => void outbox.signedIn());

  const ask = runAsked(paper, { use: () => decide(useKept), drop: () => decide(dropKept) });
  const doubtful = new Asked((open) => {
    if (open.length > 0) checkAfter("asking");
    ask(open);
  });
  /** @param {typeof useKept} taken */
  function decide(taken) {
    taken(outbox, sheets);
    show();
  }
  const sheets = new Sheets(form, paper, outbox, doubtful, (isPassedOver) => {
    show();
    checkAfter(isPassedOver ? "return" : "anyTime");
  });

  paper.onLoad = () => {
    sheets.loaded();
    doubtful.tell();
  };

  function show() {
    const isChecked = form.dataset.kind === "checked";
    const known = stateOf(outbox, paper.number, sheets.held.get(paper.number) ?? null, sheets.cleared.has(paper.number), isChecked);
    const state = known === "saved" && doubtful.has(paper.number) ? "asked" : known;
    // What is being typed is neither saved nor kept yet, whatever is said of what was there before.
    showState(status, pause !== undefined && ["saved", "checked", "cleared", "empty", "waiting", "busy"].includes(state) ? "saving" : state, outbox);
    // What is on its way is there in a moment.
    markWaiting(outbox.hold === null && outbox.end === null ? [] : [...outbox.unsent.keys()]);
    if (takeOver) showNotice(takeOver, state === "superseded" || state === "elsewhere");
    if (gone) showNotice(gone, state === "gone");
    // Submitted elsewhere: at the end, the page goes there by itself.
    if (ended) showNotice(ended, outbox.end === "closed" && !isOver);
    if (checkUnanswered && readResponse(form) !== null) showNotice(checkUnanswered, false);
    if (checkPartly && !isQuestionable()) showNotice(checkPartly, false);
    showSignIn(outbox.isPending && outbox.isSignedOut);
    if ((outbox.isDue || !navigator.onLine) && !outbox.isSignedOut) return;
    if (notSent) notSent.hidden = true;
    if (checkNotSent) checkNotSent.hidden = true;
  }

  /** Whether the answer on the page has a part open, or loses points for what is said beside its fields. */
  const isQuestionable = () => isPartly(form) || isFlawed(form);

  const setClock = runClock(
    async () => {
      isOver = true;
      change();
      await Promise.race([outbox.flush().then(leaveBehind), sleep(LAST_SAVE_MS)]);
      // While the server does not know the attempt, this page is all there is of it.
      leaving = !outbox.isGone;
      return { isLate: outbox.isLate, isWaiting: outbox.isPending || outbox.isGone };
    },
    {
      isGuess: isOld,
      goesOn: () => {
        isOver = leaving = false;
        show();
      },
    },
  );

  /** What no other page will find on this device is stored as long as it is here. */
  async function leaveBehind() {
    if (outbox.end !== "closed" || outbox.isKept) return;
    const all = [...outbox.unsent.values()];
    const { late, undecided } = await leaveEvidence(attempt, all).catch(() => ({ late: [], undecided: [] }));
    for (const one of all) one.isEvidence ||= late.length + undecided.length > 0;
  }

  /** @param {string} name @param {number} value */
  function setField(name, value) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
  }

  /** Saves what the form holds, if it is an answer and a new one. */
  function change() {
    clearTimeout(pause);
    pause = undefined;
    noteTyped(form);
    const response = readResponse(form);
    if (response === undefined || json(response) === sheets.known.get(paper.number)) {
      show();
      return;
    }
    sheets.known.set(paper.number, json(response));
    // What was held when it was begun may have been replaced since, which it was too early to ask about.
    if (sheets.passedOver.delete(paper.number)) outbox.beUnsure();
    outbox.save(paper.number, response, json(sheets.held.get(paper.number)), isPartly(form));
  }

  awaitPointer();
  form.addEventListener("change", change);
  form.addEventListener("input", (event) => {
    const typed = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!typed) return;
    clearTimeout(pause);
    pause = setTimeout(change, TYPING_PAUSE_MS);
    noteTyped(form, true);
    show();
  });
  let leftAt = performance.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      change();
      leftAt = performance.now();
    } else if (performance.now() - leftAt > AWAY_MS) checkAfter("shown");
  });
  window.addEventListener("online", () => {
    void outbox.tryNow();
    checkAfter("return");
  });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let check;
  let checkAt = Infinity;
  /** Whether somebody who does not write wants to know, too. */
  let isWanted = false;

  /** Asks whether the server still holds what it has acknowledged; what is to be asked sooner stands. @param {keyof typeof CHECK_AFTER_MS} when */
  function checkAfter(when) {
    isWanted ||= when !== "anyTime";
    const after = between(CHECK_AFTER_MS[when === "anyTime" && doubtful.isAsking ? "asking" : when]);
    const now = performance.now();
    // One that is overdue has been slept over.
    if (checkAt >= now && checkAt < now + after) return;
    checkAt = now + after;
    clearTimeout(check);
    check = setTimeout(async () => {
      // Whoever does not write leaves it to the tab that does.
      const isMine = outbox.hasPen || isWanted || doubtful.isAsking;
      checkAt = Infinity;
      isWanted = false;
      checkAfter("anyTime");
      if (isOver || outbox.end !== null || !isMine) return;
      await sheets.look().catch(() => checkAfter("failure"));
    }, after);
  }

  /** Shows a question. @param {number} number @param {boolean} isNew whether it is a step to go back from */
  function open(number, isNew) {
    change();
    const isFresh = paper.put(number);
    if (isFresh === null) return false;
    if (isFresh) {
      warnOfTooMany();
      makeMovable(change);
      sheets.begin();
    }
    // One that was left at once after something was typed has not been looked at yet.
    noteTyped(form);
    for (const notice of [checkUnanswered, checkPartly]) if (notice) notice.hidden = true;
    // It was meant for the question before.
    swallowSecondClick(TWICE_MS, ({ detail }) => detail > 1);
    if (isNew) history.pushState({ question: number }, "", `/attempts/${attempt}?question=${number}`);
    show();
    document.getElementById("question-heading")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    document.dispatchEvent(new CustomEvent("question-shown", { detail: { number } }));
    return true;
  }

  /** Shows the question that a page from this device was asked for, unless somebody goes on from the one it came with. @param {number} asked */
  async function openAsked(asked) {
    const came = { number: paper.number, answered: outbox.counted };
    for (let tries = 0; tries < ASKED_TRIES; tries += 1) {
      // Nobody waits for a network of which the page itself has not come.
      const isLoaded = (await paper.loadKept()) || (await paper.load());
      if (paper.number !== came.number || outbox.counted !== came.answered || sheets.isBeingAnswered) return;
      if (isLoaded) {
        open(asked, false);
        return;
      }
      await sleep(between(ASKED_AGAIN_MS));
    }
  }

  /** When it was last said that something is missing for a check. */
  let toldAt = 0;

  /** Goes where a button says, within the page if that can be; whether it was. @param {string} to @param {HTMLElement | null} button */
  async function go(to, button) {
    // The server would only say the same.
    if (to === "check") {
      // What is checked stays as it is: whoever has overlooked a part is told once.
      const isTold = checkPartly?.hidden === false && performance.now() - toldAt > TWICE_MS;
      const doubt = readResponse(form) === null ? checkUnanswered : isQuestionable() && !isTold ? checkPartly : null;
      if (doubt?.hidden) toldAt = performance.now();
      doubt?.removeAttribute("hidden");
      // Below a long question, it would come behind the buttons at the foot of a phone.
      doubt?.scrollIntoView({ block: "nearest" });
      if (doubt) return false;
    }
    const number = paper.target(to);
    if (number !== null && (await paper.load()) && open(number, true)) return true;
    // The next page is the server's, and tells what the server holds.
    if (outbox.isDue) await Promise.race([outbox.tryNow(), sleep(LAST_SAVE_MS)]);
    // Out of reach, it would be no page at all; and the form would put what is shown here in the place of what was not looked at.
    const obstacle = outbox.isDue || outbox.isGone || !navigator.onLine ? (outbox.hold ?? "away") : await obstacleToServer();
    if (obstacle !== null) {
      // Whoever is signed out, or unknown to the server, is told what to do about that instead.
      if (outbox.isPending && outbox.isSignedOut) /** @type {HTMLElement | null} */ (document.querySelector("#sign-in-again input"))?.focus();
      else if (gone && !gone.hidden) gone.querySelector("a")?.focus();
      else stay(to === "check" ? checkNotSent : notSent, obstacle === "busy" && navigator.onLine ? "busy" : "away");
      return false;
    }
    isGoing = true;
    form.requestSubmit(button);
    isGoing = false;
    return false;
  }
  /** Whether the form is being sent the usual way. */
  let isGoing = false;
  /** Whether a way is being tried; what is pressed meanwhile comes after it, the last of it. */
  let isTrying = false;
  /** @type {{ to: string, button: HTMLElement | null } | null} */
  let wish = null;

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
    wish = { to: button?.value || "next", button };
    if (isTrying) return;
    isTrying = true;
    void tryToGo().finally(() => {
      isTrying = false;
      wish = null;
    });
  });

  /** Goes where it was last wished, for as long as the page stays and something new is wished. */
  async function tryToGo() {
    for (let isHere = true; isHere && wish; ) {
      if (outbox.asking && !paper.isLoaded) await outbox.asking.catch(() => {});
      const { to, button } = wish;
      wish = null;
      isHere = await go(to, button);
    }
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
    if ((outbox.isIdle || outbox.isGone) && !leaving && !isGoing) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    // Other pages of this tab have used numbers since; what this page knows is not to be handed on.
    outbox.hasPen = false;
    location.reload();
  });
  window.addEventListener("pagehide", () => {
    change();
    outbox.sendLast();
    outbox.handOn();
  });
  document.getElementById("take-over-button")?.addEventListener("click", () => {
    change();
    void outbox.takeOver();
  });

  warnOfTooMany();
  makeMovable(change);
  // Nothing is called saved before it is known what this device keeps.
  const isAcknowledged = await restore(outbox, sheets, isOld);
  change();
  show();
  checkAfter(isAcknowledged ? "load" : "anyTime");
  const asked = Number(new URLSearchParams(location.search).get("question") ?? paper.number);
  if (isOld && asked !== paper.number) void openAsked(asked);
  await keepAtHand(attempt, served);
  await sleep(between(FETCH_AFTER_MS));
  // After the end nobody is given the questions.
  if (!isOver) await paper.load();
}

/**
 * Why the server would have no page just now: one whose database is away has none. A proxy that keeps the probe to itself is no sign of that.
 * @returns {Promise<"away" | "busy" | null>}
 */
async function obstacleToServer() {
  try {
    const { status, headers } = await fetch("/readyz", { signal: AbortSignal.timeout(LAST_SAVE_MS) });
    if (status < 500) return null;
    // It is there, and says when to come back.
    return headers.has("retry-after") ? "busy" : "away";
  } catch {
    return "away";
  }
}

/** Says why one stays here. @param {HTMLElement | null} notice @param {"away" | "busy"} why */
function stay(notice, why) {
  if (!notice) return;
  for (const text of /** @type {NodeListOf<HTMLElement>} */ (notice.querySelectorAll("[data-why]"))) text.hidden = text.dataset.why !== why;
  notice.hidden = false;
  document.dispatchEvent(new Event("question-stays"));
  notice.scrollIntoView({ block: "nearest" });
}
