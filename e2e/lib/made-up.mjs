// A server with one attempt that is made up, and a page without a browser, for the unit tests of what keeps and sends answers.

import { PageShelf } from "../../crates/server/assets/js/player/device.js";
import { Outbox } from "../../crates/server/assets/js/player/outbox.js";
import { Asked } from "../../crates/server/assets/js/player/asked.js";
import { compare } from "../../crates/server/assets/js/player/restore.js";
import { Sheets } from "../../crates/server/assets/js/player/sheets.js";

const original = globalThis.fetch;
/** Takes the server away again. */
export function withdraw() {
  globalThis.fetch = original;
}

/** A server with one attempt, as the contract describes it. */
export function server() {
  const there = {
    /** @type {Record<string, object | null>} */
    answers: {},
    /** The number of each. @type {Record<string, { writer: number, seq: number }>} */
    latest: {},
    pen: 0,
    name: "first",
    state: "open",
    /** What came after the end. @type {{ writer: number, seq: number, question: number, response: object | null }[]} */
    evidence: [],
    /** @type {object[]} */
    requests: [],
    /** Whose session it is. */
    account: "1",
    /** What happens to the next requests, one each: nothing, or a refusal. @type {(Response | "lost" | "away" | undefined)[]} */
    faults: [],
  };
  const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });
  globalThis.fetch = async (address, { method = "GET", body } = {}) => {
    const fault = there.faults.shift();
    there.requests.push({ method, address });
    if (fault === "away") throw new TypeError("no network");
    if (fault instanceof Response) return fault;
    const answer = () => {
      const isOver = there.state !== "open";
      if (String(address).endsWith("/session")) return json(200, { id: there.account });
      if (String(address).endsWith("/writers")) return isOver ? json(409, { code: "closed" }) : json(201, { writer: ++there.pen });
      if (method === "GET") {
        const given = Object.entries(there.answers).filter(([, response]) => response !== null);
        const numbers = [...Object.values(there.latest), ...there.evidence].filter(({ writer }) => writer === there.pen).map(({ seq }) => seq);
        const { state, latest, pen } = there;
        return json(200, { state, answers: Object.fromEntries(given), latest, writer: pen, last_seq: Math.max(0, ...numbers) });
      }
      const { writer, operations } = JSON.parse(body);
      if (writer > there.pen) return json(422, { code: "invalid" });
      if (isOver) {
        there.evidence.push(...operations.map((operation) => ({ writer, ...operation })));
        return json(409, { code: "closed" });
      }
      const [acknowledged, rejected] = [[], []];
      for (const { seq, question, response } of operations) {
        if (writer < there.pen) rejected.push({ seq, code: "superseded" });
        else if (response?.number?.length > 100) rejected.push({ seq, code: "invalid_response" });
        else {
          there.answers[question] = response;
          there.latest[question] = { writer, seq };
          acknowledged.push(seq);
        }
      }
      return json(200, { acknowledged, rejected, server_time: new Date(0).toISOString(), deadline: null, server: there.name });
    };
    const answered = answer();
    if (fault === "lost") throw new TypeError("the answer is lost");
    return answered;
  };
  return there;
}

/** What a backup of the server would hold now; gives what restores it. */
export function backup(there) {
  const copy = structuredClone({ answers: there.answers, latest: there.latest, pen: there.pen });
  return () => Object.assign(there, structuredClone(copy));
}

/** A shelf that outlives the page, as far as one can tell. */
export class LastingShelf extends PageShelf {
  isDurable = true;
}

/** A form without a question, so that nothing is being typed, and its paper of nine questions, none of which is answered in part. */
const FORM = /** @type {HTMLFormElement} */ (/** @type {unknown} */ ({ dataset: { unsaved: "" } }));
const PAPER = /** @type {import("../../crates/server/assets/js/player/paper.js").Paper} */ (
  /** @type {unknown} */ ({ number: 0, count: 9, sheets: new Map(), lookAt: () => ({ isPartly: false, isFlawed: false }), takesAnswers: () => false })
);

/** The sheets of the player, where there is nothing to see: a document in which nothing is found. */
export function page(shelf = new LastingShelf(), made = { writer: 0, lastSeq: 0 }) {
  globalThis.document = /** @type {Document} */ (/** @type {unknown} */ ({ getElementById: () => null, querySelector: () => null, querySelectorAll: () => [] }));
  /** @type {number[]} */
  const saved = [];
  /** @type {number[]} */
  let questions = [];
  const asked = new Asked((all) => {
    questions = all.map(({ kept }) => kept.question);
  });
  let returns = 0;
  const listener = {
    changed: () => {},
    saved: (kept) => {
      saved.push(kept.question);
      sheets.saved(kept);
    },
    answered: (question) => asked.forget(question),
    refused: () => {},
    time: () => {},
    pen: () => {},
    back: () => {
      returns += 1;
    },
    compare: () => compare(outbox, sheets),
  };
  const outbox = new Outbox({ account: "1", attempt: "a", ...made }, shelf, listener);
  const sheets = new Sheets(FORM, PAPER, outbox, asked, () => {});
  return { outbox, sheets, saved, held: sheets.held, shelf, look: () => sheets.look(), asked: () => questions, returns: () => returns };
}

/** Tries until nothing is left, as timers would. */
export async function untilSent(outbox) {
  for (let tries = 0; tries < 20 && outbox.isDue; tries += 1) await outbox.flush();
}
