// @ts-check
// The review before submitting: runs the clock. What this device still keeps of the attempt is sent first, and nothing is handed in
// without it unless the person says so.

import { runClock, sleep } from "./clock.js";
import { deviceShelf, isUnsent } from "./player/device.js";
import { request } from "./player/request.js";
import { lacks } from "./player/restore.js";

/** How long whoever hands in waits for device and server to say whether something was not sent. */
const LOOK_MS = 4_000;

/** @typedef {import("./player/device.js").Kept} Kept */

const list = document.getElementById("review-list");
const notice = document.getElementById("not-sent");
const submit = document.getElementById("submit-form");

runClock(async () => ({ isLate: false, isWaiting: false }));
if (list && notice && submit instanceof HTMLFormElement) guard(list, notice, submit);

/**
 * Nothing is handed in before it is known what is kept here; what the server lacks brings the person back to the page that sends it.
 * @param {HTMLElement} list @param {HTMLElement} notice @param {HTMLFormElement} submit
 */
function guard(list, notice, submit) {
  const { attempt = "", account = "" } = list.dataset;
  /** As far as is known by now. */
  let isMissing = false;
  let isTold = false;

  async function look() {
    // Where there is none, nothing is kept.
    const shelf = await deviceShelf().catch(() => null);
    const kept = (await shelf?.list(account, attempt).catch(() => [])) ?? [];
    tellRefused(kept.filter((one) => one.isRefused));
    isMissing = kept.some(isUnsent);
    // An answer whose acknowledgement was lost has reached it nevertheless. Where the server says nothing, that is not known.
    if (kept.length > 0) isMissing = await isLacking(attempt, kept).catch(() => isMissing);
    notice.hidden = !isMissing;
  }
  let looking = look();

  submit.addEventListener(
    "submit",
    async (event) => {
      if (isTold) return;
      const button = event.submitter;
      event.preventDefault();
      event.stopImmediatePropagation();
      await Promise.race([looking, sleep(LOOK_MS)]);
      // As long as this event is on its way, a form that is submitted again is not.
      await sleep(0);
      // Pressed twice meanwhile.
      if (isTold) return;
      isTold = true;
      if (!isMissing) {
        submit.requestSubmit(button);
        return;
      }
      notice.hidden = false;
      document.getElementById("not-submitted")?.removeAttribute("hidden");
      notice.scrollIntoView({ block: "center" });
      notice.querySelector("a")?.focus();
    },
    { capture: true },
  );
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isTold = false;
    looking = look();
  });
}

/** Answers that were refused count for nothing; each is a step away from being mended. @param {Kept[]} refused */
function tellRefused(refused) {
  const notice = document.getElementById("refused");
  const text = notice?.querySelector("p");
  if (!notice || !text || refused.length === 0) return;
  const numbers = new Intl.ListFormat(document.documentElement.lang).format(refused.map((one) => String(one.question)));
  text.textContent = (notice.dataset.text ?? "").replace("%q", numbers);
  notice.hidden = false;
}

/** @param {string} attempt @param {Kept[]} kept */
async function isLacking(attempt, kept) {
  const response = await request(attempt, "GET");
  if (!response.ok) throw new Error(`the attempt: ${response.status}`);
  return lacks(kept, await response.json());
}
