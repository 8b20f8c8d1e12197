// @ts-check
// On a phone the navigator is a sheet over the foot of the page, behind a button between the moves: it pushes nothing away.

/** Where moves stick to the foot of the screen; the same as in take.css. */
const PHONE = matchMedia("(max-width: 47.99rem) and (min-height: 30.01rem)");

/** @returns {HTMLElement | null} */
const opener = () => document.getElementById("navigator-open");
const sheet = () => document.getElementById("navigator");

const isOpen = () => sheet()?.classList.contains("is-open") ?? false;

/** @param {boolean} open */
function set(open) {
  sheet()?.classList.toggle("is-open", open);
  opener()?.setAttribute("aria-expanded", String(open));
}

/** Closes the sheet; the focus goes back to where it came from, when it would be lost. */
function close() {
  if (!isOpen()) return;
  const within = sheet()?.contains(document.activeElement) ?? false;
  set(false);
  if (within && PHONE.matches) opener()?.focus();
}

function open() {
  set(true);
  const current = sheet()?.querySelector(".cell[aria-current]");
  if (current instanceof HTMLElement) current.focus();
}

/** Sets it up once for the page. */
export function runSheet() {
  document.getElementById("answer-form")?.classList.add("has-sheet");
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("#navigator-open")) isOpen() ? close() : open();
    else if (event.target.closest("#navigator-close") || !event.target.closest("#navigator")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && PHONE.matches && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
  });
  // What has the focus is never behind the sheet.
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && !event.target.closest("#navigator, #navigator-open")) set(false);
  });
  // What is said of it is beside the question, behind the sheet.
  document.addEventListener("question-stays", close);
  PHONE.addEventListener("change", () => set(false));
}

/** After a question has been put on the page: it is to be seen. */
export function showSheet() {
  const button = opener();
  if (button) button.hidden = false;
  close();
}
