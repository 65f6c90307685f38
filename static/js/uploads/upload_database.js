// What is under way, kept in the browser's own database, so that it goes on after a reload: what is known of each upload,
// and its file as far as the browser can keep it. Where it cannot, all this does nothing.

const NAME = "chatsite-uploads";
const VERSION = 1;
const FACTS = "facts";
// Apart, because writing a record anew would write its file anew.
const FILES = "files";

export class Shelf {
  #owner;
  #opening = null;

  /** `owner` keeps people and rooms apart: two people may use one browser. */
  constructor(owner) {
    this.#owner = owner;
  }

  /** What is known of each upload, with the file that was kept, or null. */
  async all() {
    const facts = await this.#ask(FACTS, "readonly", (store) => store.getAll(this.#range));
    const files = await Promise.all((facts ?? []).map(({ client_id: id }) => this.#file(id)));
    return (facts ?? []).map((fact, index) => ({ ...fact, file: files[index] }));
  }

  /** Promise whether it is kept. */
  async keepFile(id, file) {
    return (await this.#ask(FILES, "readwrite", (store) => store.put(file, this.#key(id)))) !== null;
  }

  keep(facts) {
    return this.#ask(FACTS, "readwrite", (store) => store.put(facts, this.#key(facts.client_id)));
  }

  async remove(id) {
    for (const name of [FACTS, FILES]) await this.#ask(name, "readwrite", (store) => store.delete(this.#key(id)));
  }

  #file(id) {
    return this.#ask(FILES, "readonly", (store) => store.get(this.#key(id))).then((file) => file ?? null);
  }

  #key(id) {
    return `${this.#owner}:${id}`;
  }

  get #range() {
    return IDBKeyRange.bound(`${this.#owner}:`, `${this.#owner}:\uffff`);
  }

  /** Promise what the store answers once it is written; null where the browser keeps nothing, or has no room left. */
  async #ask(name, mode, question) {
    try {
      const database = await (this.#opening ??= open());
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(name, mode);
        const request = question(transaction.objectStore(name));
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
      // A later page's newer version is not kept waiting.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}
