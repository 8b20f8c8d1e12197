// @ts-check
// Asking the server something that costs it next to nothing, to see whether and when it answers.

/** @typedef {import("./measure.js").Try} Try */

/** Who waits longer has no connection to speak of. */
const PATIENCE_MS = 5_000;

/** One try; null without an answer. @returns {Promise<Try | null>} */
export async function ask() {
  const [requestedAt, from] = [Date.now(), performance.now()];
  try {
    const response = await fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const ms = performance.now() - from;
    const date = Date.parse(response.headers.get("date") ?? "");
    // A proxy that answers in the server's place says that there is none.
    if (!response.ok) return null;
    return { ms, requestedAt, answeredAt: requestedAt + ms, date: Number.isNaN(date) ? null : date };
  } catch {
    return null;
  }
}
