// @ts-check
// The time left of an attempt, by the server's clock. The device's own clock is never asked, so setting it changes nothing.

/** Minutes at which the time left is announced, and at no others. */
const ANNOUNCED = [30, 15, 5, 1];
/** From here on the time is shown even to those who hid it. */
const LAST_MINUTES = 5;
/** How long to wait before trying again to hand in. */
const HAND_IN_AGAIN_MS = 4_000;
/** How far the monotonic clock may fall behind (a device that slept) before the server is asked again. */
const TOLERANCE_MS = 2_000;

/**
 * The server's clock as this page knows it. It errs on the side of less time left: a moment of the server's is taken to be
 * as old as the request that fetched it.
 */
class ServerClock {
  /** @param {number} serverTime @param {number} requestedAt both in milliseconds, the second by `performance.now()` */
  constructor(serverTime, requestedAt) {
    this.offset = serverTime - requestedAt;
  }

  /** @param {number} serverTime @param {number} requestedAt */
  set(serverTime, requestedAt) {
    this.offset = serverTime - requestedAt;
  }

  now() {
    return this.offset + performance.now();
  }
}

/** @param {number} seconds */
function face(seconds) {
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

/** @param {string} key @param {string} value */
export function remember(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}

/**
 * Hands the attempt in and goes to its result, as soon as the server can be reached. It would be handed in anyway.
 * @param {string} attempt
 */
async function handIn(attempt) {
  for (;;) {
    try {
      const response = await fetch(`/api/v1/attempts/${attempt}/submit`, { method: "POST", headers: { accept: "application/json" } });
      if (response.status < 500 && response.status !== 429) break;
    } catch {
      // Offline: what is on the screen stays there until the server answers.
    }
    await new Promise((resolve) => setTimeout(resolve, HAND_IN_AGAIN_MS * (0.75 + Math.random() / 2)));
  }
  location.assign(`/attempts/${attempt}/result`);
}

/**
 * Runs the clock of the page, when the attempt has one.
 * @param {() => Promise<void>} atEnd what is still to be done at the end, before the attempt is handed in
 * @returns {(serverTime: string, deadline: string | null, requestedAt: number) => void} to be called with what the server
 *   says about time
 */
export function runClock(atEnd) {
  const clock = document.getElementById("clock");
  const value = clock?.querySelector(".clock-value");
  const toggle = document.getElementById("clock-toggle");
  const announcement = document.getElementById("clock-announcement");
  if (!clock || !value || !toggle || !announcement) return () => {};

  const attempt = clock.dataset.attempt ?? "";
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  const server = new ServerClock(Date.parse(clock.dataset.serverTime ?? ""), navigation?.requestStart ?? 0);
  let deadline = Date.parse(clock.dataset.deadline ?? "");
  let hidden = remembered("clock-hidden") === "yes";
  let ended = false;

  const show = () => {
    const left = Math.max(0, Math.ceil((deadline - server.now()) / 1000));
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
    try {
      // The page that runs this clock may still be setting itself up.
      await Promise.resolve();
      await atEnd();
    } finally {
      await handIn(attempt);
    }
  };

  toggle.addEventListener("click", () => {
    hidden = !hidden;
    remember("clock-hidden", hidden ? "yes" : "no");
    show();
  });

  // A device that slept may have stopped the monotonic clock; the wall clock shows that, the server says by how much.
  let drift = Date.now() - performance.now();
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || Math.abs(Date.now() - performance.now() - drift) < TOLERANCE_MS) return;
    drift = Date.now() - performance.now();
    const requestedAt = performance.now();
    try {
      const response = await fetch(`/api/v1/attempts/${attempt}`, { headers: { accept: "application/json" } });
      if (!response.ok) return;
      const body = await response.json();
      server.set(Date.parse(body.server_time), requestedAt);
      show();
    } catch {
      // Offline: the next save that gets through sets the clock.
    }
  });

  show();
  setInterval(show, 500);
  return (serverTime, newDeadline, requestedAt) => {
    server.set(Date.parse(serverTime), requestedAt);
    if (newDeadline) deadline = Date.parse(newDeadline);
    show();
  };
}
