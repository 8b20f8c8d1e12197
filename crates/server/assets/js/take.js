// @ts-check
// The page of a question: saves as one goes, shows the truth about it, and runs the clock. Without it the same form saves
// when its buttons are pressed.

import { isPartly, makeMovable, readResponse, warnOfTooMany } from "./answer.js";
import { runClock } from "./clock.js";
import { markQuestion } from "./navigator.js";
import { Saver } from "./saver.js";

/** How long after the last key typed text is saved. */
const TYPING_PAUSE_MS = 800;
/** How long the last save may take once time is up, before the attempt is handed in without it. */
const LAST_SAVE_MS = 4_000;

/** How each state looks; the others look like a failure. @type {Record<string, string>} */
const LOOKS = { idle: "idle", saving: "saving", saved: "saved", cleared: "idle", waiting: "waiting", "signed-out": "waiting" };

const form = document.getElementById("answer-form");
const status = document.getElementById("save-state");
if (form instanceof HTMLFormElement && status) start(form, status);

/** @param {HTMLFormElement} form @param {HTMLElement} status */
function start(form, status) {
  const takeOver = document.getElementById("take-over");
  const text = status.querySelector(".save-text");
  const initial = readResponse(form);

  /** @param {string} look @param {string | undefined} words */
  const showStatus = (look, words) => {
    status.dataset.state = look;
    if (text && text.textContent !== words) text.textContent = words ?? "";
  };
  const setClock = runClock(async () => {
    change();
    await Promise.race([saver.flush(), new Promise((resolve) => setTimeout(resolve, LAST_SAVE_MS))]);
    leaving = true;
  });
  const saver = new Saver(
    {
      attempt: form.dataset.attempt ?? "",
      question: Number(form.dataset.question),
      writer: Number(form.dataset.writer),
      lastSeq: Number(form.dataset.lastSeq),
    },
    (state) => {
      showStatus(LOOKS[state] ?? "failed", status.getAttribute(`data-${state}`) ?? "");
      if (takeOver) takeOver.hidden = state !== "superseded";
      if (state === "cleared") markQuestion("open");
      else if (state === "saved") markQuestion(isPartly(form) ? "partly" : "answered");
    },
    setClock,
    (writer) => setField("writer", writer),
  );
  showStatus(initial ? "saved" : "idle", initial ? status.dataset.saved : status.dataset.empty);

  let known = JSON.stringify(initial ?? null);
  let leaving = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;

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
    if (response === undefined || JSON.stringify(response) === known) return;
    known = JSON.stringify(response);
    saver.save(response);
  }

  form.addEventListener("change", change);
  form.addEventListener("input", (event) => {
    const typed = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!typed) return;
    clearTimeout(pause);
    pause = setTimeout(change, TYPING_PAUSE_MS);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) change();
  });
  window.addEventListener("online", () => void saver.flush());

  /** What the form waits for before it is sent, if anything. */
  function reasonToWait() {
    if (leaving || !saver.isPending) return null;
    // The form saves by itself, so moving on need not wait; but while the server cannot be reached, leaving would lose the page.
    if (saver.state === "waiting" || saver.state === "signed-out") return saver.flush();
    // And a form that came before the answer about the pen would come from a tab that seems overtaken: by this one.
    return saver.asking;
  }

  /** The button that was pressed last while the form waits. @type {HTMLElement | null | undefined} */
  let pressed;
  form.addEventListener("submit", (event) => {
    change();
    const reason = pressed === undefined ? reasonToWait() : null;
    if (reason || pressed !== undefined) {
      event.preventDefault();
      pressed = event.submitter;
    }
    if (reason) {
      const done = () => {
        const button = pressed;
        pressed = undefined;
        if (saver.state !== "waiting" && saver.state !== "signed-out") form.requestSubmit(button);
      };
      reason.then(done, done);
    }
    if (event.defaultPrevented) return;
    const used = saver.handOver();
    if (used !== null) setField("seq", used);
  });
  window.addEventListener("beforeunload", (event) => {
    change();
    if (saver.isUnsent && !leaving) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    change();
    saver.sendLast();
  });
  document.getElementById("take-over-button")?.addEventListener("click", () => {
    void saver.takeOver(readResponse(form) ?? null);
  });

  warnOfTooMany();
  makeMovable(change);
}
