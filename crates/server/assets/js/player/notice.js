// @ts-check
// Notices that come and go beside a question.

/**
 * Shows a notice or hides it. What is hidden must not take the focus along: it goes to where reading goes on.
 * @param {HTMLElement} notice @param {boolean} isShown
 */
export function showNotice(notice, isShown) {
  if (notice.hidden === !isShown) return;
  const hasFocus = notice.contains(document.activeElement);
  notice.hidden = !isShown;
  // On a phone it would come below a long question; nobody is taken away from what they are writing.
  if (isShown && !document.activeElement?.matches("article.question input[type=text]")) notice.scrollIntoView({ block: "nearest" });
  if (hasFocus && !isShown) document.getElementById("question-heading")?.focus({ preventScroll: true });
}
