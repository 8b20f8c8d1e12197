// @ts-check
// Before an exam opens: counts down by the server's clock and then puts the form to start on the page, which has been waiting in
// a template. Nobody loads the page again, so a hall full of people asks for nothing at that second.

import { ServerClock, between, sleep } from "../clock.js";
import { timeInWords } from "../marks/said.js";
import { Wake } from "../wake.js";
import { countdown } from "./measure.js";
import { ask } from "./server.js";

/** Minutes at which the time left is said. */
const SAID = [5, 1];
/** The device's clock drifts: the server is asked once more, each page at a moment of its own. */
const ASK_AGAIN_MS = [20_000, 80_000];
/** A page that woke up does not ask at the very moment when all others of the hall do. */
const WAKE_MS = [0, 1_000];

const lobby = document.getElementById("lobby");
if (lobby) start(lobby);

/** @param {HTMLElement} lobby */
function start(lobby) {
  const value = lobby.querySelector(".lobby-value");
  const said = document.getElementById("lobby-said");
  const opens = Date.parse(lobby.dataset.opens ?? "");
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  const madeAt = Date.parse(lobby.dataset.serverTime ?? "");
  if (!value || Number.isNaN(opens) || Number.isNaN(madeAt)) return;
  const server = new ServerClock(madeAt, navigation?.requestStart ?? 0, navigation?.responseStart || performance.now());
  let askAt = opens - between(ASK_AGAIN_MS);
  /** @type {Set<number>} */
  const told = new Set();

  const stay = lobby.querySelector(".lobby-stay");
  const reload = lobby.querySelector(".lobby-reload");
  // Guests have no form to wait for: they sign in first.
  if (document.getElementById("lobby-start") && stay instanceof HTMLElement && reload instanceof HTMLElement) {
    stay.hidden = false;
    reload.hidden = true;
  }

  const show = () => {
    // By the earliest time that it can be: a start that came too soon would be refused.
    const left = Math.max(0, Math.ceil((opens - server.earliest()) / 1_000));
    const text = countdown(left) ?? timeInWords(left, document.documentElement.lang);
    if (value.textContent !== text) value.textContent = text;
    for (const minutes of SAID) {
      if (left > minutes * 60 || left <= minutes * 60 - 60 || told.has(minutes)) continue;
      told.add(minutes);
      if (said) said.textContent = said.getAttribute(`data-${minutes}`);
    }
    if (server.earliest() >= opens) open();
  };

  const open = () => {
    clearInterval(timer);
    if (said) said.textContent = said.getAttribute("data-0");
    lobby.hidden = true;
    const template = document.getElementById("lobby-start");
    if (!(template instanceof HTMLTemplateElement)) return;
    const notice = document.getElementById("lobby-open");
    if (notice) notice.hidden = false;
    template.after(template.content.cloneNode(true));
    template.remove();
  };

  const askAgain = async () => {
    const requestedAt = performance.now();
    const answer = await ask();
    if (!answer || answer.date === null) throw new Error("the server did not say what time it is");
    // Whole seconds, cut: it is at least that late. So it is by what is known already; what is later is nearer to the truth.
    if (answer.date > server.earliest()) server.set(answer.date, requestedAt, performance.now());
  };

  const wake = new Wake(async () => {
    await sleep(between(WAKE_MS));
    await askAgain();
  });

  const timer = setInterval(() => {
    if (server.earliest() >= askAt) {
      askAt = Infinity;
      // It runs on by what it knew.
      askAgain().catch(() => {});
    }
    wake.look();
    show();
  }, 250);
  show();
}
