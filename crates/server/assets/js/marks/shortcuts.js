// @ts-check
// The keys at work: the listener, the list of them in a dialog, and the switch that turns them off.

import { prefer, preferred } from "./device.js";
import { KEYS, commandOf, isTyping } from "./keys.js";

/** @typedef {import("./keys.js").Command} Command */

const isOn = () => preferred("shortcuts") !== "off";

/** @returns {HTMLDialogElement | null} */
function list() {
  const dialog = document.getElementById("shortcuts");
  return dialog instanceof HTMLDialogElement ? dialog : null;
}

/** Sets them up once for the page. @param {(command: Command) => void} run */
export function runShortcuts(run) {
  const dialog = list();
  for (const key of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-key]"))) {
    key.textContent = KEYS[/** @type {import("./keys.js").Name} */ (key.dataset.key)]?.toUpperCase() ?? "";
  }
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".shortcuts-open"))) {
    button.hidden = false;
    button.addEventListener("click", () => dialog?.showModal());
  }
  const toggle = dialog?.querySelector("#shortcuts-on");
  if (toggle instanceof HTMLInputElement) {
    toggle.checked = isOn();
    toggle.addEventListener("change", () => prefer("shortcuts", toggle.checked ? "on" : "off"));
  }
  dialog?.querySelector("#shortcuts-close")?.addEventListener("click", () => dialog.close());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.getModifierState("AltGraph") || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") || !isOn()) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    if (command.name === "help") dialog?.showModal();
    else run(command);
  });
}
