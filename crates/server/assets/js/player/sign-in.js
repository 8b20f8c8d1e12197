// @ts-check
// Signing in again within the page, when the session has ended in the middle of an exam. Whoever it belongs to, and nobody else.

import { showNotice } from "./notice.js";

/** How long to wait for an answer. */
const REQUEST_MS = 20_000;

/**
 * @param {string} account whose exam this is
 * @param {() => void} done
 * @returns {(isNeeded: boolean) => void} shows or hides it
 */
export function runSignIn(account, done) {
  const notice = document.getElementById("sign-in-again");
  const form = document.getElementById("sign-in-form");
  const codeForm = document.getElementById("code-form");
  const problem = notice?.querySelector(".sign-in-problem");
  if (!notice || !problem || !(form instanceof HTMLFormElement) || !(codeForm instanceof HTMLFormElement)) return () => {};

  /** @param {string | undefined} words */
  const say = (words) => {
    problem.textContent = words ?? "";
  };

  /** @param {HTMLFormElement} shown what somebody shows who they are by @param {string | undefined} wrong what is said when it is not right */
  async function signIn(shown, wrong) {
    say("");
    try {
      const response = await fetch("/api/v1/session", {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify(Object.fromEntries(new FormData(shown))),
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      if (!response.ok) {
        say(response.status < 500 && response.status !== 429 ? wrong : notice?.dataset.failed);
        return;
      }
      const body = /** @type {{ account: { id: string } }} */ (await response.json());
      if (body.account.id !== account) {
        // What was answered here is not to be sent in somebody else's name.
        await fetch("/api/v1/session", { method: "DELETE", signal: AbortSignal.timeout(REQUEST_MS) });
        say(notice?.dataset.other);
        return;
      }
      shown.reset();
      done();
    } catch {
      say(notice?.dataset.failed);
    }
  }

  for (const [shown, wrong] of /** @type {const} */ ([[form, notice.dataset.wrong], [codeForm, notice.dataset.wrongCode]])) {
    shown.addEventListener("submit", (event) => {
      event.preventDefault();
      void signIn(shown, wrong);
    });
  }
  return (isNeeded) => {
    showNotice(notice, isNeeded);
    if (!isNeeded) say("");
  };
}
