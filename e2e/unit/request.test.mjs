// What a refusal of the server means, with servers that are made up.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { refusalOf } from "../../crates/server/assets/js/player/request.js";

const original = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = original;
});

/** A server that tells who is signed in by this answer, and what is asked of it. @param {() => Response} session */
function server(session) {
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = async (address) => {
    asked.push(String(address));
    return session();
  };
  return asked;
}

/** Why it has to be tried again. @param {Response} response */
const hold = (response) => refusalOf(response, "17").then(() => null, ({ hold, afterMs }) => ({ hold, afterMs }));
const missing = () => new Response("", { status: 404 });

test("an attempt that is not found is somebody else's, or gone", async () => {
  server(() => Response.json({ id: "17" }));
  assert.deepEqual(await hold(missing()), { hold: "gone", afterMs: 5_000 });
  server(() => Response.json({ id: "18" }));
  assert.deepEqual(await hold(missing()), { hold: "signed-out", afterMs: 5_000 });
  server(() => new Response("", { status: 401 }));
  assert.deepEqual(await hold(missing()), { hold: "signed-out", afterMs: 5_000 });
});

test("where nothing is found at all, nobody is said to be signed out, and the server is left alone for a while", async () => {
  const asked = server(missing);
  assert.deepEqual(await hold(missing()), { hold: "waiting", afterMs: 5_000 });
  assert.deepEqual(asked, ["/api/v1/session"]);
  server(() => new Response("", { status: 503, headers: { "retry-after": "7" } }));
  assert.deepEqual(await hold(missing()), { hold: "busy", afterMs: 7_000 });
});
