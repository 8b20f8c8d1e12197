// @ts-check
// Signing out: nothing that somebody answered stays on a device that others use after them. What has not reached the server would be
// gone with it, so that is said first.

import { letGoOf, unsentOf } from "./let-go-of.js";

const form = document.querySelector("form.site-session");
const notice = document.getElementById("sign-out-unsent");
if (form instanceof HTMLFormElement && notice) start(form, notice);

/** @param {HTMLFormElement} form @param {HTMLElement} notice */
function start(form, notice) {
  const account = form.dataset.account ?? "";
  let isTold = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const unsent = isTold ? undefined : await unsentOf(account);
    if (unsent === undefined) {
      await letGoOf(account);
      form.submit();
      return;
    }
    isTold = true;
    notice.hidden = false;
    notice.scrollIntoView({ block: "center" });
    const link = notice.querySelector("a");
    if (!link) return;
    link.href = `/attempts/${unsent}`;
    link.focus();
  });
}
