// @ts-check
// Moving by program: the player moves within the page where it can; without it, the form's own buttons do.

/** @param {number | "next" | "previous" | "review"} to */
export function goTo(to) {
  const event = new CustomEvent("go-to", { detail: { to }, cancelable: true });
  if (!document.dispatchEvent(event)) return;
  buttonFor(to)?.click();
}

/** The button of the form that leads there; on the last question the next thing is the review. @param {number | string} to */
function buttonFor(to) {
  const form = document.getElementById("answer-form");
  const wanted = to === "next" ? '[value="next"], .moves [value="review"]' : `[value="${to}"]`;
  const within = to === "next" || to === "previous" ? ".moves " : "";
  const button = form?.querySelector(`${within}button[name="go"]:is(${wanted}):enabled`);
  return button instanceof HTMLElement ? button : null;
}
