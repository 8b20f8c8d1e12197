// @ts-check
// One request about an attempt, and what it means when the server refuses it.

import { KEEPALIVE_BYTES, bytes } from "./batch.js";

/** @typedef {"late" | "closed" | "superseded" | "full" | "refused"} End */
/** @typedef {"waiting" | "busy" | "signed-out" | "gone"} Hold */

/** How long to wait for an answer before giving a request up for lost. */
const REQUEST_MS = 15_000;
/** The longest that a server is left alone when it is busy: an answer has to arrive before the exam is over. */
const BUSY_MOST_MS = 60_000;

/**
 * @param {string} attempt @param {string} method @param {string} [path] @param {object} [body]
 * @returns {Promise<Response>}
 */
export async function request(attempt, method, path, body) {
  const text = body && JSON.stringify(body);
  // The page has the questions, which never change.
  return fetch(`/api/v1/attempts/${attempt}${path ? `/${path}` : "?questions=none"}`, {
    method,
    headers: { accept: "application/json", ...(text && { "content-type": "application/json" }) },
    ...(text && { body: text }),
    // Outlives the page, so that leaving it loses nothing.
    keepalive: bytes(text ?? "") < KEEPALIVE_BYTES,
    signal: AbortSignal.timeout(REQUEST_MS),
  });
}

/**
 * Why the server refused for good, if it did. Throws when another try may help.
 * @param {Response} response @param {string} account whose attempt it is
 * @returns {Promise<End | null>}
 */
export async function refusalOf(response, account) {
  if (response.ok) return null;
  // Not found is what somebody else's attempt is: whose session this is by now, its answers are not sent in their name. To whose it is, a
  // server says so that was restored to a time before it.
  if (response.status === 404) throw new Retry((await signedIn()) === account ? "gone" : "signed-out", 5_000);
  if (response.status === 401) throw new Retry("signed-out", 5_000);
  if (response.status === 409) return "closed";
  // It is there, and says so: nobody is offline.
  if (response.status === 503 || response.status === 429) throw new Retry("busy", waitOf(response.headers.get("retry-after")));
  if (response.status >= 500 || response.status === 408) throw new Retry("waiting", 0);
  const problem = /** @type {{ code?: string }} */ (await response.json().catch(() => ({})));
  return problem.code === "full" ? "full" : "refused";
}

/** Who is signed in; undefined when that is nobody. Throws when the server does not say. @returns {Promise<string | undefined>} */
async function signedIn() {
  const signal = AbortSignal.timeout(REQUEST_MS);
  const response = await fetch("/api/v1/session", { headers: { accept: "application/json" }, signal });
  if (response.status === 401) return undefined;
  if (response.ok) return /** @type {{ id: string }} */ (await response.json()).id;
  // Where nothing is found at all, it is not our server that answers: a proxy that has lost it.
  if (response.status !== 404) await refusalOf(response, "");
  throw new Retry("waiting", 5_000);
}

/** What a server says about when to come back, in milliseconds: so many seconds, or a moment. @param {string | null} header */
function waitOf(header) {
  const seconds = Number(header ?? 0);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header ?? "") - Date.now();
  return wait > 0 ? Math.min(wait, BUSY_MOST_MS) : 0;
}

/** Another try may help. */
export class Retry extends Error {
  /** @param {Hold} hold what to show until then @param {number} afterMs the least time to wait */
  constructor(hold, afterMs) {
    super(hold);
    this.hold = hold;
    this.afterMs = afterMs;
  }
}
