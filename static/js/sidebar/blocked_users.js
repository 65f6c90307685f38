// Whom this person has blocked: the same on all their pages.

import { deleteAt, getJson, putAt } from "../lib/api.js";

/** Fires `change` when somebody is blocked or is not any more. */
export class Blocks extends EventTarget {
  #ids;
  #url;

  constructor({ blocked, url }) {
    super();
    this.#ids = new Set(blocked);
    this.#url = url;
  }

  has(id) {
    return this.#ids.has(id);
  }

  async block({ id }) {
    await putAt(`${this.#url}/${id}`);
    this.#become(new Set([...this.#ids, id]));
  }

  async unblock({ id }) {
    await deleteAt(`${this.#url}/${id}`);
    this.#become(new Set([...this.#ids].filter((other) => other !== id)));
  }

  /** It has changed on another page. What cannot be asked now is asked at the next change. */
  async refresh() {
    const { people } = await getJson(this.#url).catch(() => ({ people: null }));
    if (people) this.#become(new Set(people.map(({ id }) => id)));
  }

  #become(ids) {
    this.#ids = ids;
    this.dispatchEvent(new Event("change"));
  }
}
