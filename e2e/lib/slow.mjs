// A device that takes its time.

/**
 * The storage of a browser opens this much later.
 * @param {import("playwright-core").BrowserContext} context @param {number} milliseconds
 */
export async function slowStorage(context, milliseconds) {
  await context.addInitScript((wait) => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (name, version) {
      const request = open.call(this, name, version);
      Object.defineProperty(request, "onsuccess", {
        set: (/** @type {(event: Event) => void} */ heard) => {
          request.addEventListener("success", (event) => setTimeout(() => heard.call(request, event), wait));
        },
      });
      return request;
    };
  }, milliseconds);
}
