// The people and things that the tests share.

export const ALICE = { id: "a1", username: "alice", display_name: "alice" };
export const BOB = { id: "b2", username: "bob", display_name: "bob" };

export function row(seq, more = {}) {
  return { seq, hash: `hash of ${seq}`, kind: "text", author: BOB, client_id: null, body: `words ${seq}`, ...more };
}

export function rows(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => row(first + index));
}

/** What promises had to do is done. */
export async function settled() {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

/** Wait for something that comes with more than promises, such as a module that is imported. */
export async function until(isTrue, limitMs = 30_000) {
  const began = performance.now();
  while (!isTrue()) {
    if (performance.now() - began > limitMs) throw new Error(`In vain: ${isTrue}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** localStorage in memory. */
export class MemoryStorage {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, value);
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}
