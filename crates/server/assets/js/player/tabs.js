// @ts-check
// Other tabs of this browser on the same attempt: whoever takes the pen tells them, so that they need not find out by a save.

/**
 * @param {string} attempt
 * @param {(writer: number) => void} taken called when another tab has a pen
 * @returns {(writer: number) => void} to be called when this one has
 */
export function tellTabs(attempt, taken) {
  // A browser without it finds out with the next save.
  if (!globalThis.BroadcastChannel) return () => {};
  const channel = new BroadcastChannel(`examhall-pen:${attempt}`);
  channel.addEventListener("message", ({ data }) => {
    if (Number.isInteger(data)) taken(data);
  });
  return (writer) => channel.postMessage(writer);
}
