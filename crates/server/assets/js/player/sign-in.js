// @ts-check
// Signing in again within the page, when the session has ended in the middle of an exam. Whoever it belongs to, and nobody else.

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
  const problem = notice?.querySelector(".sign-in-problem");
  if (!notice || !problem || !(form instanceof HTMLFormElement)) return () => {};

  /** @param {string | undefined} words */
  const say = (words) => {
    problem.textContent = words ?? "";
  };

  async function signIn() {
    const fields = new FormData(/** @type {HTMLFormElement} */ (form));
    say("");
    try {
      const response = await fetch("/api/v1/session", {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify({ email: fields.get("email"), password: fields.get("password") }),
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      if (!response.ok) {
        say(response.status < 500 && response.status !== 429 ? notice?.dataset.wrong : notice?.dataset.failed);
        return;
      }
      const body = /** @type {{ account: { id: string } }} */ (await response.json());
      if (body.account.id !== account) {
        // What was answered here is not to be sent in somebody else's name.
        await fetch("/api/v1/session", { method: "DELETE" });
        say(notice?.dataset.other);
        return;
      }
      /** @type {HTMLFormElement} */ (form).reset();
      done();
    } catch {
      say(notice?.dataset.failed);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void signIn();
  });
  return (isNeeded) => {
    if (notice.hidden === isNeeded) notice.hidden = !isNeeded;
    if (!isNeeded) say("");
  };
}
