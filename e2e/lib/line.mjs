// A network line between browsers and a hall that a test can cut: a browser cannot tell it from a real one, and neither can a
// service worker, which the browser's own switch for being offline does not reach.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A line to an address; it starts whole.
 * @param {string} base the address of the hall
 */
export async function lay(base) {
  let target = new URL(base);
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    base: `http://127.0.0.1:${port}`,
    /** From now on nothing gets through, and what was under way is lost. */
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
    /** The hall has another address now. */
    leadTo: (/** @type {string} */ address) => {
      target = new URL(address);
    },
    takeUp: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
