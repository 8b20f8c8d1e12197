// One exam in which things go wrong at random: what was typed, what is left of it, and what was said on the way that was not so.

import { isDeepStrictEqual } from "node:util";
import { enrol } from "./candidate.mjs";
import { unpack } from "./device.mjs";
import { startHall } from "./hall.mjs";
import { lay } from "./line.mjs";
import { atHand, change, chance, fetchAll, held, open, ready, says } from "./typing.mjs";

/** What goes wrong besides the line: nothing, the browser, or the server. */
export const CASES = ["offline", "killed", "restarted"];
const STEPS = 12;

/** All words that say that nothing is on its way to anywhere. */
const AT_REST = /^(Saved|Cleared|Not answered yet|Offline: \d+ answers? kept on this device|The server is busy: \d+ answers? kept on this device, trying again)$/;

/** Nothing is left to send; the question that is open may have no answer. */
const SENT = /^(Saved|Cleared|Not answered yet)$/;

/**
 * @param {Awaited<ReturnType<typeof startHall>>} hall it may be another process afterwards
 * @param {string} name one of the cases @param {number} seed
 */
export async function run(hall, name, seed) {
  const random = chance(seed);
  const below = (count) => Math.floor(random() * count);
  const line = await lay(hall.base);
  const device = await unpack(line.base);
  /** @type {Record<string, object>} */
  const typed = {};
  /** @type {string[]} */
  const steps = [];
  /** @type {string[]} */
  const findings = [];
  try {
    let page = await device.start();
    const exam = await enrol(page.context(), hall);
    const count = exam.attempt.questions.length;
    let at = 1 + below(count);
    let isCut = false;
    await page.goto(exam.address(line.base, at));
    await fetchAll(page, at);
    await atHand(page);

    /** What may be found of a question that was answered since the page last said that nothing was on its way: any of these. @type {Map<number, (object | null)[]>} */
    const unsure = new Map();
    /** Types, and notes that nothing has been promised of it yet. */
    const answer = async () => {
      const before = unsure.get(at) ?? [typed[at] ?? null];
      typed[at] = await change(page, random);
      unsure.set(at, [...before, typed[at]]);
    };

    /** What the page says is held against what the server holds. */
    const check = async () => {
      const words = await says(page, AT_REST);
      unsure.clear();
      const answers = await exam.answers();
      const missing = Object.keys(typed).filter((number) => !isDeepStrictEqual(answers[number], typed[number]));
      const told = Number(/\d+/.exec(words)?.[0] ?? 0);
      if (told < missing.length) findings.push(`after ${steps.at(-1)}: it says "${words}", and ${missing.length} are missing`);
      // What the server has taken without its word coming back counts as kept here as well, until it is asked again.
      if (told > missing.length && !isCut) await says(page, SENT);
    };
    const actions = {
      type: async () => {
        at = 1 + below(count);
        steps.push(`answer ${at}`);
        await open(page, at);
        await answer();
      },
      cut: async () => {
        steps.push("cut");
        line.cut();
        isCut = true;
      },
      mend: async () => {
        steps.push("mend");
        line.mend();
        isCut = false;
        await says(page, SENT);
        unsure.clear();
      },
      reload: async () => {
        steps.push("reload");
        await check();
        await page.reload();
        await look();
      },
      close: async () => {
        steps.push("close the tab");
        await check();
        const context = page.context();
        await page.close();
        page = await context.newPage();
        await page.goto(exam.address(line.base, at));
        await look();
      },
      kill: async () => {
        steps.push("kill the browser");
        await check();
        await restart();
        await look();
      },
      /** In the middle of whatever it does: only what was called kept or saved has to be there again. */
      surprise: async () => {
        at = 1 + below(count);
        steps.push(`answer ${at} and kill the browser at once`);
        await open(page, at);
        await answer();
        const words = await page.locator("#save-state .save-text").innerText();
        if (AT_REST.test(words)) unsure.clear();
        await restart();
        for (const [number, possible] of unsure) {
          await open(page, number);
          const response = await held(page);
          if (!possible.some((one) => isDeepStrictEqual(one, response))) {
            findings.push(`after ${steps.at(-1)}: question ${number} shows ${JSON.stringify(response)}, which it never held`);
          }
          if (response) typed[number] = response;
          else delete typed[number];
        }
        unsure.clear();
        await look();
      },
      restart: async () => {
        steps.push("kill the server");
        await hall.kill();
        await answer();
        Object.assign(hall, await startHall({ demo: false, folder: hall.folder }));
        line.leadTo(hall.base);
      },
    };
    /** The battery is out, and charged again. */
    const restart = async () => {
      await device.kill();
      page = await device.start();
      await page.goto(exam.address(line.base, at));
      await ready(page);
    };
    /** What is typed is on the sheet again. */
    const look = async () => {
      await ready(page);
      await open(page, at);
      if (!typed[at]) return;
      const response = await held(page);
      if (!isDeepStrictEqual(response, typed[at])) {
        findings.push(`after ${steps.at(-1)}: question ${at} shows ${JSON.stringify(response)} instead of ${JSON.stringify(typed[at])}`);
      }
    };

    for (let step = 0; step < STEPS; step += 1) {
      const possible = ["type", "type", "type", isCut ? "mend" : "cut", "reload", "close"];
      if (name === "killed") possible.push("kill", "surprise");
      if (name === "restarted" && !isCut) possible.push("restart", "restart");
      const action = possible[below(possible.length)];
      await actions[action]();
    }
    if (isCut) await actions.mend();
    await says(page, SENT);
    try {
      device.check();
    } catch (error) {
      findings.push(String(error));
    }
    const answers = await exam.answers();
    const kept = Object.keys(typed).filter((number) => isDeepStrictEqual(answers[number], typed[number])).length;
    const unasked = Object.keys(answers).filter((number) => !typed[number]);
    if (unasked.length > 0) findings.push(`the server holds answers to ${unasked.join(", ")}, which nobody gave`);
    return { typed: Object.keys(typed).length, kept, steps, findings };
  } catch (error) {
    findings.push(`after ${steps.at(-1)}: ${error}`);
    return { typed: Object.keys(typed).length, kept: 0, steps, findings };
  } finally {
    await device.discard();
    await line.takeUp();
  }
}
