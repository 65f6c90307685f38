// Values in the browser's storage. Where that is full or forbidden, nothing is kept, and the page works all the same.

export class Store {
  #area;
  #prefix;

  /** `prefix` keeps users and rooms apart: two people may use one browser. */
  constructor(prefix, area = safeLocalStorage()) {
    this.#prefix = `${prefix}:`;
    this.#area = area;
  }

  get(key) {
    try {
      return JSON.parse(this.#area?.getItem(this.#prefix + key) ?? "null");
    } catch {
      return null;
    }
  }

  set(key, value) {
    try {
      this.#area?.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // Full or forbidden.
    }
  }

  remove(key) {
    try {
      this.#area?.removeItem(this.#prefix + key);
    } catch {
      // As above.
    }
  }

  keys() {
    const keys = [];
    for (let i = 0; i < (this.#area?.length ?? 0); i += 1) {
      const key = this.#area.key(i);
      if (key?.startsWith(this.#prefix)) keys.push(key.slice(this.#prefix.length));
    }
    return keys;
  }

  /** Call `listener(key)` when another tab removes one of our keys, until `signal` aborts. */
  onRemoved(listener, signal) {
    const removed = ({ key, newValue }) => {
      if (newValue === null && key?.startsWith(this.#prefix)) listener(key.slice(this.#prefix.length));
    };
    globalThis.addEventListener?.("storage", removed, { signal });
  }
}

/** The storage of this tab, which survives reloads; null where it is forbidden. */
export function sessionArea() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

function safeLocalStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
