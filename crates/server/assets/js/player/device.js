// @ts-check
// What was answered and is not known to be saved, on this device: it outlives the page, the browser and the battery.

/**
 * An answer. `bases` is what the server may hold of the question as long as nobody else answers it, as JSON: what it held at first, and
 * what was sent from here since without a word about it; `stamp` tells it from a later answer to the same question. One that is saved is
 * kept as well, for a page that comes without a network, and for a server that loses it; so is one that the server refused as none, until
 * another one takes its place: `at` is the number under which it was
 * acknowledged, `past` what the server is known to have held of the question before it. `until` is when the time of the attempt is up, in milliseconds.
 * Of one that does not count, `isEvidence` says that the server has stored it nevertheless, `isOvertaken` that it was given where another
 * tab or device had the pen.
 * @typedef {{ account: string, attempt: string, question: number, response: object | null, bases: string[], stamp: string, partly: boolean,
 *   isSaved: boolean, past?: string[], at?: { writer: number, seq: number }, until?: number | null,
 *   isRefused?: boolean, isEvidence?: boolean, isOvertaken?: boolean }} Kept
 */

/**
 * @typedef {object} Shelf where answers are kept
 * @property {boolean} isDurable whether they outlive the page
 * @property {(kept: Kept) => Promise<void>} put in the place of an earlier answer to the same question
 * @property {(kept: Kept) => Promise<void>} settled it needs not be sent any more, unless a later answer stands there by now
 * @property {(account: string, attempt?: string) => Promise<Kept[]>} list of an attempt, or of all
 * @property {(attempt: string) => Promise<Kept[]>} unsent what is not known to be saved, whoever answered
 * @property {(isOver: (kept: Kept) => boolean) => Promise<void>} letGo
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

/** Whether it is still to be sent. @param {Kept} kept */
export const isUnsent = (kept) => !kept.isSaved && !kept.isRefused;

/** What becomes of an answer that is settled. @param {Kept} kept @returns {Partial<Kept>} */
const outcomeOf = ({ response, partly, isSaved, isRefused = false, at }) => ({ response, partly, isSaved, isRefused, ...(at && { at }) });

/** @returns {Promise<IDBDatabase>} */
async function open() {
  const request = indexedDB.open("examhall", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["account", "attempt", "question"] });
  const database = await result(request);
  // A disk that is busy opens soon, and is read late.
  await result(database.transaction(STORE).objectStore(STORE).count());
  return database;
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
  async settled(kept) {
    const transaction = this.database.transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    const there = store.get([kept.account, kept.attempt, kept.question]);
    there.onsuccess = () => {
      if (there.result?.stamp === kept.stamp) store.put({ ...there.result, ...outcomeOf(kept) });
    };
    await soon(committed(transaction));
  }

  /** @param {(kept: Kept) => boolean} isOver */
  async letGo(isOver) {
    const transaction = this.database.transaction(STORE, "readwrite");
    const walk = transaction.objectStore(STORE).openCursor();
    walk.onsuccess = () => {
      const cursor = walk.result;
      if (!cursor) return;
      if (isOver(/** @type {Kept} */ (cursor.value))) cursor.delete();
      cursor.continue();
    };
    await soon(committed(transaction));
  }

  /** @param {string} attempt */
  async unsent(attempt) {
    const store = this.database.transaction(STORE).objectStore(STORE);
    const all = await soon(result(/** @type {IDBRequest<Kept[]>} */ (store.getAll())));
    return all.filter((kept) => kept.attempt === attempt && isUnsent(kept));
  }

  /** @param {string} account @param {string} [attempt] */
  async list(account, attempt) {
    const store = this.database.transaction(STORE).objectStore(STORE);
    const from = attempt === undefined ? [account] : [account, attempt];
    // No part of a key is a list, which comes after everything else.
    const range = IDBKeyRange.bound(from, [...from, []]);
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

  /** @param {Kept} kept */
  async settled(kept) {
    const there = this.kept.get(kept.question);
    if (there?.stamp === kept.stamp) this.kept.set(kept.question, { ...there, ...outcomeOf(kept) });
  }

  async unsent() {
    return [...this.kept.values()].filter(isUnsent);
  }

  /** @param {(kept: Kept) => boolean} isOver */
  async letGo(isOver) {
    for (const [question, kept] of this.kept) if (isOver(kept)) this.kept.delete(question);
  }

  async list() {
    return [...this.kept.values()];
  }
}

/** The shelf of this device, however long that takes. Fails where there is none. @returns {Promise<Shelf>} */
export async function deviceShelf() {
  return new DeviceShelf(await open());
}

/**
 * The shelf of this device, or one that lasts as long as the page.
 * @param {(shelf: Shelf) => void} [late] called when the device has one after all
 * @returns {Promise<Shelf>}
 */
export async function openShelf(late = () => {}) {
  const opening = deviceShelf();
  try {
    return await soon(opening);
  } catch {
    opening.then(late, () => {});
    return new PageShelf();
  }
}
