// @ts-check
// The operations page: newer figures every two seconds while somebody looks, and charts of the last five minutes. Nothing is kept
// when the page is left, and nothing is shown that the server has not said: without its answer the page says since when.

import { Counts } from "./counts.js";
import { Sparkline } from "./sparkline.js";

/** @typedef {import("./counts.js").Told} Told */

const EVERY_MS = 2_000;
/** How long to wait for an answer. The server itself waits for the database for two seconds. */
const ANSWER_MS = 5_000;
/** For how long a process that told something is waited for while another one answers: there may be several behind one address. */
const LOYAL_MS = 3 * EVERY_MS;
/** After how long without figures rates begin anew. */
const GAP_MS = 5_000;

const root = /** @type {HTMLElement} */ (document.getElementById("operations"));
const text = (/** @type {string} */ name) => root.dataset[name] ?? "";
const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });

const MIB = 1_048_576;

/** @param {number} value @param {number} decimals at most */
const number = (value, decimals = 0) => new Intl.NumberFormat(language, { maximumFractionDigits: decimals }).format(value);

/** How figures are written: as the server writes them. */
const write = {
  count: (/** @type {number} */ value) => number(value, value < 10 ? 1 : 0),
  processors: (/** @type {number} */ value) => number(value, 1),
  rate: (/** @type {number} */ value) => text("rate").replace("{value}", number(value, value < 10 ? 1 : 0)),
  time: (/** @type {number} */ seconds) => {
    if (seconds === Infinity) return text("longer").replace("{value}", "10");
    if (seconds < 0.9995) return text("ms").replace("{value}", number(seconds * 1000, seconds < 0.00995 ? 1 : 0));
    return text("s").replace("{value}", number(seconds, 1));
  },
  memory: (/** @type {number} */ bytes) => {
    const mib = bytes / MIB;
    return mib < 1024 ? text("mib").replace("{value}", number(mib)) : text("gib").replace("{value}", number(mib / 1024, 1));
  },
};
/** The least tops of scales, and what they are round in. */
const LEAST = { count: 4, processors: 1, rate: 4, time: 0.01, memory: 100 * MIB };
const ROUND_IN = { count: 1, processors: 1, rate: 1, time: 0.001, memory: MIB };

/** @param {string} unit @returns {unit is keyof typeof write} */
const isUnit = (unit) => unit in write;

const charts = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-chart]"))].map((figure) => {
  const unit = figure.dataset.unit ?? "";
  const known = isUnit(unit) ? unit : "count";
  return new Sparkline(figure, write[known], LEAST[known], ROUND_IN[known]);
});

/** Writes a text where it differs: what has not changed is neither drawn nor read out again. @param {Element | null} place @param {string} words */
function put(place, words) {
  if (place && place.textContent !== words) place.textContent = words;
}

/** @param {string} name @param {string} words @param {boolean} isWarning */
function say(name, words, isWarning = false) {
  for (const place of root.querySelectorAll(`[data-said="${name}"]`)) {
    put(place, words);
    place.parentElement?.classList.toggle("is-warning", isWarning);
  }
}

/** @param {string[]} sentences */
function warn(sentences) {
  const place = document.getElementById("warnings");
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("warning"));
  if (!place || !template) return;
  const shown = [...place.querySelectorAll("p")].map((paragraph) => paragraph.textContent);
  if (shown.length === sentences.length && sentences.every((sentence, index) => sentence === shown[index])) return;
  const notices = sentences.map((sentence) => {
    const notice = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    put(notice.querySelector("p"), sentence);
    return notice;
  });
  place.replaceChildren(...notices);
}

/** @param {"is-ready" | "is-not-ready" | "is-unknown"} known */
function readiness(known) {
  for (const id of ["is-ready", "is-not-ready", "is-unknown"]) {
    const state = document.getElementById(id);
    if (state) state.hidden = id !== known;
  }
}

/** How it stands between this page and the server: read out when it changes. @param {string} words @param {boolean} isStale */
function stand(words, isStale) {
  put(document.getElementById("link-state"), words);
  root.classList.toggle("is-stale", isStale);
  if (isStale) readiness("is-unknown");
}

const counts = new Counts();
let process = "";
/** When it last told something, by the page's own clock. */
let lastAt = -Infinity;
let lastTime = clock.format(new Date());
/** What is said while all is well. */
let live = text("live");

/** Puts on the page what has been counted of late. @param {Told} told @returns {Record<string, number | null>} what charts show */
function reckon(told) {
  const ofLate = counts.ofLate();
  /** @type {Record<string, number | null>} */
  const values = { ...told.values };
  const time = (/** @type {number | null | undefined} */ seconds) => (seconds == null ? text("none") : write.time(seconds));
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-class]"))) {
    const name = row.dataset.class ?? "";
    const chosen = told.totals.classes.filter((ofClass) => name === "all" || ofClass.name === name);
    const sum = (/** @type {"answered" | "refused" | "failed"} */ part) => chosen.reduce((all, ofClass) => all + ofClass[part], 0);
    const late = ofLate?.ofClass(name);
    const cell = (/** @type {string} */ part, /** @type {string} */ words) => put(row.querySelector(`[data-part="${part}"]`), words);
    cell("rate", late ? write.count(late.rate) : text("none"));
    cell("half", time(late?.half));
    cell("most", time(late?.most));
    for (const part of /** @type {const} */ (["answered", "refused", "failed"])) cell(part, number(sum(part)));
  }
  const [all, saves, commits] = [ofLate?.ofClass("all"), ofLate?.ofClass("save"), ofLate?.commits()];
  say("rate", all ? write.count(all.rate) : text("none"));
  say("commit-half", time(commits?.half));
  say("commit-most", time(commits?.most));
  put(document.getElementById("window"), text("ofLate"));
  return Object.assign(values, {
    rate: all?.rate ?? null,
    latency: all?.most ?? null,
    "latency-save": saves?.most ?? null,
    written: commits?.written ?? null,
    cpu: ofLate?.cpu() ?? null,
  });
}

/** @param {Told} told */
function show(told) {
  const now = performance.now();
  if (told.process !== process) {
    if (process !== "" && now - lastAt < LOYAL_MS) return;
    if (process !== "") {
      for (const chart of charts) chart.clear();
      live = text("other").replace("{time}", clock.format(new Date()));
    }
    process = told.process;
    counts.clear();
  }
  if (now - lastAt > GAP_MS) counts.clear();
  lastAt = now;
  lastTime = clock.format(new Date());
  counts.add(told);
  for (const [name, { text: words, warn: isWarning }] of Object.entries(told.said)) say(name, words, isWarning);
  warn([...told.reasons.map((reason) => text("reason").replace("{reason}", reason)), ...told.warnings]);
  readiness(told.reasons.length === 0 ? "is-ready" : "is-not-ready");
  const values = reckon(told);
  for (const chart of charts) chart.add(now, values);
  put(document.getElementById("as-of"), text("asOf").replace("{time}", lastTime));
  stand(live, false);
}

/** Asks once, and says what came of it. @param {AbortSignal} left */
async function ask(left) {
  try {
    const signal = AbortSignal.any([left, AbortSignal.timeout(ANSWER_MS)]);
    const response = await fetch("/admin/operations/figures", { redirect: "manual", headers: { accept: "application/json" }, signal });
    if (response.type === "opaqueredirect" || response.status === 401) stand(text("signedOut"), true);
    else if (!response.ok) stand(text("failed").replace("{time}", lastTime).replace("{status}", String(response.status)), true);
    else show(await response.json());
  } catch {
    if (left.aborted) return;
    stand(text("gone").replace("{time}", lastTime), true);
  }
  // Also without an answer: the past moves on, and what is missing is seen.
  const now = performance.now();
  for (const chart of charts) chart.draw(now);
}

/** @type {AbortController | undefined} */
let looking;

/** Asks again and again until nobody looks. */
async function look() {
  const { signal } = (looking = new AbortController());
  while (!signal.aborted) {
    const due = performance.now() + EVERY_MS;
    await ask(signal);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
}

document.addEventListener("visibilitychange", () => {
  looking?.abort();
  if (document.hidden) stand(text("paused"), true);
  else void look();
});
const reload = document.getElementById("reload");
if (reload) reload.hidden = true;
if (document.hidden) stand(text("paused"), true);
else void look();
