// A network line between browsers and a hall that a test can cut, or let swallow what comes: a browser cannot tell it from a real one, and neither can a
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
  let isSwallowing = false;
  /** Nothing that comes to them goes on. @type {Set<import("node:net").Socket>} */
  const swallowed = new Set();
  const swallow = (/** @type {import("node:net").Socket} */ socket) => {
    sockets.add(socket);
    swallowed.add(socket);
    socket.unpipe();
    socket.pause();
  };
  const server = createServer((near) => {
    // A test that fails leaves its line where it is, which is not to keep the tests after it waiting.
    near.unref();
    if (isSwallowing) {
      near.on("error", () => {}).on("close", () => sockets.delete(near));
      swallow(near);
      return;
    }
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname).unref();
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
  server.unref().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    base: `http://127.0.0.1:${port}`,
    /** From now on nothing gets through, and what was under way is lost. */
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    /** From now on nothing comes back, and nobody is told: whoever asks waits. */
    swallow: () => {
      isSwallowing = true;
      for (const socket of sockets) swallow(socket);
    },
    mend: () => {
      isCut = false;
      isSwallowing = false;
      // What they have swallowed is lost.
      for (const socket of swallowed) socket.destroy();
      swallowed.clear();
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
