// @ts-check
// What was answered and is not known to be saved, on this device: it outlives the page, the browser and the battery.

/**
 * An answer. `bases` is what the server may hold of the question as long as nobody else answers it, as JSON: what it held at first, and
 * what was sent from here since without a word about it; `stamp` tells it from a later answer to the same question. One that is saved is
 * kept as well, for a page that comes without a network.
 * @typedef {{ account: string, attempt: string, question: number, response: object | null, bases: string[], stamp: string, partly: boolean,
 *   isSaved: boolean }} Kept
 */

/**
 * @typedef {object} Shelf where answers are kept
 * @property {boolean} isDurable whether they outlive the page
 * @property {(kept: Kept) => Promise<void>} put in the place of an earlier answer to the same question
 * @property {(kept: Kept) => Promise<void>} saved it is known to be saved, unless a later answer stands there by now
 * @property {(account: string, attempt: string) => Promise<Kept[]>} list
 * @property {(attempt: string) => Promise<Kept[]>} unsent what is not known to be saved, whoever answered
 * @property {(attempt: string, oldest: number) => Promise<void>} letGo
 */

const STORE = "answers";
/** How long a device may take before it counts as one that keeps nothing. */
const PATIENCE_MS = 2_000;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was given up"));
  });

/** @template T @param {Promise<T>} promise @returns {Promise<T>} */
function soon(promise) {
  return Promise.race([
    promise,
    new Promise((_, reject) => setTimeout(() => reject(new Error("the device does not answer")), PATIENCE_MS)),
  ]);
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open("examhall", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["account", "attempt", "question"] });
  return result(request);
}

/** @implements {Shelf} */
class DeviceShelf {
  isDurable = true;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
    // Another page may want a newer form of it, and must not wait for this one.
    database.onversionchange = () => database.close();
  }

  /** @param {Kept} kept */
  async put(kept) {
    // To the disk, and not only to where a crash of the system would lose it.
    const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
    transaction.objectStore(STORE).put(kept);
    await soon(committed(transaction));
  }

  /** @param {Kept} kept */
  async saved(kept) {
    const transaction = this.database.transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    const there = store.get([kept.account, kept.attempt, kept.question]);
    there.onsuccess = () => {
      if (there.result?.stamp === kept.stamp) store.put({ ...there.result, isSaved: true });
    };
    await soon(committed(transaction));
  }

  /**
   * Lets everything of an attempt go, and what is older than a time.
   * @param {string} attempt @param {number} oldest in milliseconds, as stamps begin
   */
  async letGo(attempt, oldest) {
    const transaction = this.database.transaction(STORE, "readwrite");
    const walk = transaction.objectStore(STORE).openCursor();
    walk.onsuccess = () => {
      const cursor = walk.result;
      if (!cursor) return;
      const kept = /** @type {Kept} */ (cursor.value);
      if (kept.attempt === attempt || Number.parseInt(kept.stamp, 10) < oldest) cursor.delete();
      cursor.continue();
    };
    await soon(committed(transaction));
  }

  /** @param {string} attempt */
  async unsent(attempt) {
    const store = this.database.transaction(STORE).objectStore(STORE);
    const all = await soon(result(/** @type {IDBRequest<Kept[]>} */ (store.getAll())));
    return all.filter((kept) => kept.attempt === attempt && !kept.isSaved);
  }

  /** @param {string} account @param {string} attempt */
  async list(account, attempt) {
    const store = this.database.transaction(STORE).objectStore(STORE);
    const range = IDBKeyRange.bound([account, attempt], [account, attempt, []]);
    return soon(result(/** @type {IDBRequest<Kept[]>} */ (store.getAll(range))));
  }
}

/** Where the device keeps nothing: as long as the page is open. @implements {Shelf} */
export class PageShelf {
  isDurable = false;
  /** @type {Map<number, Kept>} */
  kept = new Map();

  /** @param {Kept} kept */
  async put(kept) {
    this.kept.set(kept.question, kept);
  }

  async saved() {
    // Nobody comes back to it.
  }

  async unsent() {
    return [...this.kept.values()];
  }

  async letGo() {
    this.kept.clear();
  }

  async list() {
    return [...this.kept.values()];
  }
}

/** The shelf of this device, or one that lasts as long as the page. @returns {Promise<Shelf>} */
export async function openShelf() {
  try {
    return new DeviceShelf(await soon(open()));
  } catch {
    return new PageShelf();
  }
}
