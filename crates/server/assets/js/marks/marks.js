// @ts-check
// What a candidate does beside answering: flags, struck options, the navigator's filters, keys. Built around the page of a
// question, which works without; whoever puts another question on the page says so by the event "question-shown".

import { prefer, preferred, shelf, whenChangedElsewhere } from "./device.js";
import { runGrid } from "./grid.js";
import { Marks, sweep } from "./kept.js";
import { goTo } from "./moves.js";
import { say, secondsOf, timeInWords } from "./said.js";
import { runSheet, showSheet } from "./sheet.js";
import { runShortcuts } from "./shortcuts.js";
import { optionOfButton, options, showStrikes } from "./strike.js";

/** @typedef {import("./strike.js").Option} Option */

const form = document.getElementById("answer-form");
const texts = document.getElementById("marks")?.dataset;
if (form instanceof HTMLFormElement && texts) start(form, texts);

/** @param {HTMLFormElement} form @param {DOMStringMap} texts */
function start(form, texts) {
  const attempt = form.dataset.attempt ?? "";
  sweep(shelf(), Date.now());
  const marks = new Marks(attempt, shelf());
  let question = Number(form.dataset.question);
  /** The next letter strikes its option instead of choosing it. */
  let isArmed = false;
  const hasButtons = () => preferred("strikes") === "on";
  const showGrid = runGrid((number) => marks.isFlagged(number), attempt);

  /** The tools beside the heading; made when the question came without them. @returns {HTMLElement | null} */
  function tools() {
    const head = form.querySelector(".question-head");
    const there = head?.querySelector(".question-tools");
    if (there instanceof HTMLElement) return there;
    const template = document.getElementById("tools-template");
    const made = template instanceof HTMLTemplateElement ? template.content.firstElementChild?.cloneNode(true) : null;
    if (!head || !(made instanceof HTMLElement)) return null;
    head.append(made);
    return made;
  }

  function show() {
    const shown = tools();
    shown?.querySelector(".flag")?.setAttribute("aria-pressed", String(marks.isFlagged(question)));
    const strikes = shown?.querySelector(".strikes");
    if (strikes instanceof HTMLElement) {
      strikes.hidden = options().length === 0;
      strikes.setAttribute("aria-pressed", String(hasButtons()));
    }
    showStrikes(marks, question, hasButtons());
    showGrid();
  }

  /** @param {boolean} armed */
  function arm(armed) {
    isArmed = armed;
    options()[0]?.label.parentElement?.classList.toggle("is-armed", armed);
  }

  function toggleFlag() {
    const flagged = !marks.isFlagged(question);
    marks.flag(question, flagged);
    show();
    return flagged;
  }

  function toggleButtons() {
    prefer("strikes", hasButtons() ? "off" : "on");
    show();
  }

  /** @param {Option} option @param {boolean} aloud whether nothing else tells of it */
  function toggleStrike(option, aloud) {
    const letter = option.letter.toUpperCase();
    if (option.input.checked) {
      say((texts.chosen ?? "").replace("%l", letter));
      return;
    }
    const struck = !marks.isStruck(question, option.letter);
    marks.strike(question, option.letter, struck);
    show();
    if (aloud) say(((struck ? texts.nowStruck : texts.notStruck) ?? "").replace("%l", letter));
  }

  /** @param {number} place */
  function choose(place) {
    const option = options()[place - 1];
    if (!option) return;
    // The focus goes along, so that it is told what was chosen and the next Tab goes on from there.
    option.input.focus();
    option.input.click();
  }

  /** @param {import("./keys.js").Command} command */
  function run(command) {
    const wasArmed = isArmed;
    arm(false);
    switch (command.name) {
      case "next":
      case "previous":
      case "review":
        goTo(command.name);
        return;
      case "flag":
        say((toggleFlag() ? texts.nowFlagged : texts.notFlagged) ?? "");
        return;
      case "clock":
        tellTime(texts);
        return;
      case "strike":
        if (options().length === 0) return;
        if (!wasArmed) say(texts.which ?? "");
        arm(!wasArmed);
        return;
      case "choose": {
        const option = options()[command.place - 1];
        if (wasArmed && option) toggleStrike(option, true);
        else choose(command.place);
        return;
      }
    }
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const option = optionOfButton(event.target);
    if (option) toggleStrike(option, false);
    else if (event.target.closest(".question-tools .flag")) toggleFlag();
    else if (event.target.closest(".question-tools .strikes")) toggleButtons();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isArmed) arm(false);
  });
  form.addEventListener("change", () => {
    for (const { input, letter } of options()) if (input.checked && marks.isStruck(question, letter)) marks.strike(question, letter, false);
    showStrikes(marks, question, hasButtons());
  });
  whenChangedElsewhere(() => {
    marks.read();
    show();
  });
  document.addEventListener("question-shown", (event) => {
    question = /** @type {CustomEvent<{ number: number }>} */ (event).detail.number;
    arm(false);
    show();
    showSheet();
  });

  runShortcuts(run);
  runSheet();
  showSheet();
  show();
}

/** Says what the clock shows. @param {DOMStringMap} texts */
function tellTime(texts) {
  const seconds = secondsOf(document.querySelector("#clock .clock-value")?.textContent ?? "");
  const language = document.documentElement.lang;
  say(seconds === undefined ? (texts.untimed ?? "") : (texts.left ?? "").replace("%t", timeInWords(seconds, language)));
}
