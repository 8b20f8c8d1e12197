// A crowd before the door of a hall of its own, for the waiting room.

import { startHall } from "./hall.mjs";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How many wait before whoever comes next. */
const CROWD = 1_200;
/** For how long the server is held up at a time, and for how long it then may go on. */
const [HELD_MS, FREE_MS] = [250, 60];
/** Who come in the same moment: more than are let in at once when the gates are as narrow as they become. */
const AT_ONCE = 200;
const CROWDED_BY_MS = 120_000;

/**
 * A hall whose processor has no time for it, and whose door is full, as if everybody came at once: it is held up again and again
 * until `calm` is called. Ends when so many wait that a newcomer does not get in for a while.
 */
export async function crowdedHall() {
  const hall = await startHall({ demo: false, admission: true });
  let isCrowded = true;
  const held = (async () => {
    while (isCrowded) {
      process.kill(hall.pid, "SIGSTOP");
      await sleep(HELD_MS);
      process.kill(hall.pid, "SIGCONT");
      await sleep(FREE_MS);
    }
  })();
  const calm = async () => {
    isCrowded = false;
    await held;
  };
  const get = (path) => fetch(new URL(path, hall.base), { redirect: "manual" });
  const many = (count, path) => Promise.all(Array.from({ length: count }, async () => (await get(path)).status));
  const until = Date.now() + CROWDED_BY_MS;
  const wait = async (isSo) => {
    while (!(await isSo())) {
      if (Date.now() > until) throw new Error("everybody is still let in");
    }
  };
  try {
    await wait(async () => /^examhall_admission_pressure 40/m.test(await (await get("/metrics")).text()));
    // Whoever comes when somebody waits goes behind them.
    await wait(async () => (await many(AT_ONCE, "/exams")).includes(503));
    for (let come = 0; come < CROWD; come += 50) await many(50, "/exams");
    return {
      base: hall.base,
      calm,
      stop: async () => {
        await calm();
        await hall.stop();
      },
    };
  } catch (error) {
    await calm();
    await hall.stop();
    throw error;
  }
}
