// @ts-check
// The time left of an attempt, by the server's clock. The device's own clock is not asked, so setting it changes nothing; but for a page that
// comes without a network (take.js), until the server says more.

import { letGo } from "./player/at-hand.js";
import { Wake } from "./wake.js";

/** Minutes at which the time left is announced, and at no others. */
const ANNOUNCED = [30, 15, 5, 1];
/** From here on the time is shown even to those who hid it. */
const LAST_MINUTES = 5;
/** How long to wait before trying again to hand in. */
const HAND_IN_AGAIN_MS = 4_000;
/** How long handing in may take before it is tried again. */
const HAND_IN_MS = 30_000;
/** How long after the deadline the page hands in: between the two. */
const HAND_IN_AFTER_MS = [500, 2_500];
/** How much faster than the server's the device's clock may run, as a share of the time. */
const DRIFT = 0.0005;
/** How much time must be left for a page that was about to hand in to go on instead. */
const GOES_ON_MS = 2_000;

/**
 * The server's clock as this page knows it. A moment of the server's is from after its request was sent and before its answer
 * was here; so the clock knows the latest and the earliest time that it can be now.
 */
export class ServerClock {
  /**
   * @param {number} serverTime in milliseconds
   * @param {number} requestedAt by `performance.now()`
   * @param {number} answeredAt by `performance.now()`
   */
  constructor(serverTime, requestedAt, answeredAt) {
    this.serverTime = serverTime;
    this.requestedAt = requestedAt;
    this.answeredAt = answeredAt;
  }

  /** @param {number} serverTime @param {number} requestedAt @param {number} answeredAt */
  set(serverTime, requestedAt, answeredAt) {
    this.serverTime = serverTime;
    this.requestedAt = requestedAt;
    this.answeredAt = answeredAt;
  }

  /** What is shown: it errs on the side of less time left, so that nobody relies on time that is not there. */
  latest() {
    return this.serverTime + performance.now() - this.requestedAt;
  }

  /** What handing in goes by: the server's clock has come at least this far, whatever the network and the device's clock did. */
  earliest() {
    const age = performance.now() - this.answeredAt;
    return this.serverTime + age * (1 - DRIFT);
  }
}

/** A length of time as a clock shows it: "1:05:09", "05:09". @param {number} seconds */
export function face(seconds) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/**
 * What the page remembers while this tab is open. Storage may be forbidden; then it remembers nothing, and nothing breaks.
 * @param {string} key
 */
export function remembered(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** What was remembered, and is not any more: a copy of this tab is not to find it. @param {string} key */
export function takeOut(key) {
  const value = remembered(key);
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Then there was nothing.
  }
  return value;
}

/** @param {string} key @param {string} value */
export function remember(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}

/** @param {number} milliseconds @returns {Promise<void>} */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Somewhere between two numbers. @param {number[]} range */
export const between = ([least = 0, most = 0]) => least + Math.random() * (most - least);

/**
 * How the last answers fared.
 * @typedef {object} Last
 * @property {boolean} isLate whether something came too late
 * @property {boolean} isWaiting whether something has not reached the server
 */

/**
 * Hands the attempt in and goes to its result, as soon as the server can be reached. It would be handed in anyway.
 * @param {string} attempt
 * @param {() => Promise<boolean>} isTime waits for the end; false when it has not come, then nothing is handed in. Fails while that
 *   cannot be known
 * @param {() => Promise<Last>} before what goes before that, each time
 */
async function handIn(attempt, isTime, before) {
  let isLate = false;
  for (;;) {
    try {
      if (!(await isTime())) return;
      const last = await before();
      isLate = last.isLate || isLate;
      // What was sent may have brought the server's time.
      if (!(await isTime())) return;
      const response = await fetch(`/api/v1/attempts/${attempt}/submit`, {
        method: "POST",
        headers: { accept: "application/json" },
        signal: AbortSignal.timeout(HAND_IN_MS),
      });
      // Whoever is signed out signs in on this page: on another one, what was typed here would never be sent.
      const isSignedOut = response.status === 401 || response.status === 404;
      if (response.status < 500 && response.status !== 429 && !(isSignedOut && last.isWaiting)) break;
    } catch {
      // Offline: what is on the screen stays there until the server answers.
    }
    await sleep(HAND_IN_AGAIN_MS * between([0.75, 1.25]));
  }
  // The paper is not to be found here any more, whether or not the result can be shown.
  await letGo(attempt);
  location.assign(`/attempts/${attempt}/result${isLate ? "?late" : ""}`);
}

/**
 * Runs the clock of the page, when the attempt has one.
 * @param {() => Promise<Last>} atEnd what is still to be done at the end, before the attempt is handed in
 * @param {object} [how]
 * @param {boolean} [how.isGuess] whether the page knows the server's time only by the device's clock, which somebody may have set since;
 *   nothing is handed in by that
 * @param {() => void} [how.goesOn] the end, which had come by this page's clock, has not come by the server's
 * @returns {(serverTime: string, deadline: string | null, requestedAt: number, answeredAt: number) => void} to be called with
 *   what the server says about time
 */
export function runClock(atEnd, { isGuess = false, goesOn = () => {} } = {}) {
  const clock = document.getElementById("clock");
  const value = clock?.querySelector(".clock-value");
  const toggle = document.getElementById("clock-toggle");
  const announcement = document.getElementById("clock-announcement");
  if (!clock || !value || !toggle || !announcement) return () => {};

  const attempt = clock.dataset.attempt ?? "";
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  const madeAt = Date.parse(clock.dataset.serverTime ?? "");
  const server = new ServerClock(madeAt, navigation?.requestStart ?? 0, navigation?.responseStart || performance.now());
  let deadline = Date.parse(clock.dataset.deadline ?? "");
  let hidden = remembered("clock-hidden") === "yes";
  let ended = false;
  /** Whether the attempt is, as far as is known here. */
  let isOpen = true;

  const show = () => {
    const left = Math.max(0, Math.ceil((deadline - server.latest()) / 1000));
    const last = left <= LAST_MINUTES * 60;
    value.textContent = face(left);
    value.classList.toggle("visually-hidden", hidden && !last);
    clock.classList.toggle("is-last", last);
    toggle.hidden = last;
    toggle.textContent = (hidden ? toggle.dataset.show : toggle.dataset.hide) ?? "";
    announce(left);
    if (left === 0) void end();
  };

  /** @param {number} left seconds */
  const announce = (left) => {
    for (const minutes of ANNOUNCED) {
      const key = `announced:${attempt}:${minutes}`;
      const due = left <= minutes * 60 && left > minutes * 60 - 60;
      if (due && remembered(key) === null) {
        remember(key, "yes");
        announcement.textContent = announcement.getAttribute(`data-${minutes}`);
      }
    }
  };

  const end = async () => {
    if (ended) return;
    ended = true;
    announcement.textContent = announcement.getAttribute("data-0");
    // A hall full of pages does not do it at once.
    const after = between(HAND_IN_AFTER_MS);
    try {
      // The page that runs this clock may still be setting itself up.
      await Promise.resolve();
      await atEnd();
    } finally {
      await handIn(attempt, () => isTime(after), atEnd);
    }
  };

  /**
   * Waits until the server's clock has come past the deadline, and some more; false when it turns out to be far from it, then the page
   * goes on. Never before the deadline, which the clock shown runs ahead of: what the server takes until then counts. Later is
   * harmless, as the server then ends the attempt at its deadline by itself.
   * @param {number} after milliseconds
   */
  const isTime = async (after) => {
    if (isGuess) await ask();
    // Whoever is not told here what the time is, because nobody is signed in, cannot hand in either.
    if (!isOpen || isGuess) return true;
    for (;;) {
      if (deadline - server.latest() > GOES_ON_MS) {
        ended = false;
        announcement.textContent = "";
        goesOn();
        show();
        return false;
      }
      const rest = deadline + after - server.earliest();
      if (rest <= 0) return true;
      await sleep(Math.min(rest, 1_000));
    }
  };

  /** What the server says about time. @param {string} serverTime @param {string | null} newDeadline @param {number} requestedAt @param {number} answeredAt */
  const told = (serverTime, newDeadline, requestedAt, answeredAt) => {
    isGuess = false;
    server.set(Date.parse(serverTime), requestedAt, answeredAt);
    if (newDeadline) deadline = Date.parse(newDeadline);
    wake.told();
    show();
  };

  /** Asks the server for the time, and whether the attempt is open. Fails while it cannot be asked. */
  const ask = async () => {
    const requestedAt = performance.now();
    const response = await fetch(`/api/v1/attempts/${attempt}?questions=none`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(HAND_IN_MS),
    });
    if (response.status >= 500 || response.status === 429) throw new Error(`the time: ${response.status}`);
    if (!response.ok) return;
    const body = /** @type {{ state: string, server_time: string, deadline: string | null }} */ (await response.json());
    told(body.server_time, body.deadline, requestedAt, performance.now());
    isOpen = body.state === "open";
  };

  toggle.addEventListener("click", () => {
    hidden = !hidden;
    remember("clock-hidden", hidden ? "yes" : "no");
    show();
  });

  const wake = new Wake(ask);
  show();
  setInterval(() => {
    wake.look();
    show();
  }, 500);
  return told;
}
