// Where databases and browser profiles of a run live: in memory where there is room, so that a busy disk stalls no test.

import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const IN_MEMORY = "/dev/shm";
/** What a run needs, with some to spare. */
const ROOM = 2 ** 30;

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize > ROOM;
  } catch {
    return false;
  }
}

// The browser and its driver ask the environment.
if (!process.env.TMPDIR && hasRoom()) process.env.TMPDIR = IN_MEMORY;

export const scratch = tmpdir();
