// @ts-check
// The review before submitting: runs the clock. What this device still keeps of the attempt is sent first, and nothing is handed in
// without it unless the person says so.

import { runClock } from "./clock.js";
import { openShelf } from "./player/device.js";

const list = document.getElementById("review-list");
const notice = document.getElementById("not-sent");
const submit = document.getElementById("submit-form");

runClock(async () => false);
if (list) void look(list);

/** Answers that are kept here bring the person back to the page that sends them. @param {HTMLElement} list */
async function look(list) {
  const { attempt = "", account = "" } = list.dataset;
  const kept = await (await openShelf()).list(account, attempt).catch(() => []);
  if (kept.every((one) => one.isSaved) || !notice) return;
  notice.hidden = false;
  let isTold = false;
  submit?.addEventListener(
    "submit",
    (event) => {
      if (isTold) return;
      isTold = true;
      event.preventDefault();
      event.stopImmediatePropagation();
      notice.scrollIntoView({ block: "center" });
      notice.querySelector("a")?.focus();
    },
    { capture: true },
  );
}
