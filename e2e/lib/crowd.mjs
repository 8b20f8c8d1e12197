// A crowd before the door of a hall of its own, for the waiting room.

import { startHall } from "./hall.mjs";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How many wait before whoever comes next. */
const CROWD = 1_200;
/** For how long the server is held up at a time, and for how long it then may go on. */
const [HELD_MS, FREE_MS] = [250, 60];

/**
 * A hall whose processor has no time for it, as if everybody came at once: it is held up again and again until `calm` is called.
 * Ends when so many wait that a newcomer does not get in for a while.
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
  const arrive = async () => (await fetch(new URL("/exams", hall.base), { redirect: "manual" })).status;
  try {
    const until = Date.now() + 60_000;
    while ((await arrive()) !== 503) {
      if (Date.now() > until) throw new Error("everybody is still let in");
    }
    for (let come = 0; come < CROWD; come += 50) await Promise.all(Array.from({ length: 50 }, arrive));
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
