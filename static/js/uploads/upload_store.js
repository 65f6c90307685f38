// Uploads under way, kept in the browser's own database (IndexedDB), so that a later page of this browser can go on with
// them: one page at a time. Where the browser keeps nothing, all this does nothing.

const NAME = "chatsite-uploads";
const VERSION = 1;
const FACTS = "facts";
// Apart from the facts, because a record that is written again would write its file again.
const FILES = "files";
const FACT_NAMES = ["client_id", "caption", "to", "at", "batch", "name", "size", "type", "modified", "upload"];
const FORGOTTEN_MS = 7 * 24 * 60 * 60 * 1000;

export class UploadStore {
  #owner;
  #database;

  /** `owner` keeps users and rooms apart: two people may use one browser. */
  constructor(owner, database = new Database()) {
    this.#owner = owner;
    this.#database = database;
  }

  /** Keep an upload until its controller aborts. Promises whether its file could be kept. */
  async keep(entry) {
    lock(entry.client_id, entry.controller.signal);
    const isKept = await this.keepFile(entry);
    await this.keepFacts(entry);
    // It was sent or cancelled while it was being written.
    if (entry.controller.signal.aborted) await this.#remove(entry.client_id);
    return isKept;
  }

  async keepFile({ client_id: id, file }) {
    return (await this.#database.put(FILES, this.#key(id), file)) !== null;
  }

  keepFacts(entry) {
    const facts = Object.fromEntries(FACT_NAMES.map((name) => [name, entry[name]]));
    return this.#database.put(FACTS, this.#key(entry.client_id), facts);
  }

  forget({ client_id: id, controller }) {
    controller.abort();
    return this.#remove(id);
  }

  /**
   * Call `take(facts, controller)` for each upload that an earlier page began, once no other page has it. Promises the
   * number of uploads. `facts.file` is null where the file was not kept.
   */
  async takeOver(take) {
    const kept = await this.#all();
    for (const { client_id: id } of kept) this.#takeOverOne(id, take);
    return kept.length;
  }

  async #takeOverOne(id, take) {
    const controller = new AbortController();
    await lock(id, controller.signal);
    // As the page that had it last left it.
    const facts = (await this.#all()).find((kept) => kept.client_id === id);
    if (facts && Date.now() - facts.at < FORGOTTEN_MS) return take(facts, controller);
    return this.forget({ client_id: id, controller });
  }

  async #all() {
    const all = (await this.#database.getAll(FACTS, `${this.#owner}:`)) ?? [];
    const files = await Promise.all(all.map(({ client_id: id }) => this.#database.get(FILES, this.#key(id))));
    return all.map((facts, index) => ({ ...facts, file: files[index] ?? null }));
  }

  async #remove(id) {
    for (const name of [FACTS, FILES]) await this.#database.remove(name, this.#key(id));
  }

  #key(id) {
    return `${this.#owner}:${id}`;
  }
}

/** Promise once this page alone may send the upload `id`. It keeps the lock until `signal` aborts. */
function lock(id, signal) {
  // Missing on http://<address in the local network>. There two tabs may send: the server takes each byte once.
  if (!navigator.locks) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.locks.request(id, () => {
      resolve();
      return signal.aborted || new Promise((release) => signal.addEventListener("abort", release));
    });
  });
}

/** Each method promises the answer, once it is written; null where the browser keeps nothing or has no room left. */
class Database {
  #opening = null;

  get(store, key) {
    return this.#ask(store, "readonly", (objects) => objects.get(key));
  }

  getAll(store, prefix) {
    return this.#ask(store, "readonly", (objects) => objects.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }

  put(store, key, value) {
    return this.#ask(store, "readwrite", (objects) => objects.put(value, key));
  }

  remove(store, key) {
    return this.#ask(store, "readwrite", (objects) => objects.delete(key));
  }

  async #ask(store, mode, act) {
    try {
      const database = await (this.#opening ??= open());
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode);
        const request = act(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } catch {
      return null;
    }
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const name of [FACTS, FILES]) request.result.createObjectStore(name);
    };
    request.onsuccess = () => {
      // A newer version of the page must not wait for this one.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}
