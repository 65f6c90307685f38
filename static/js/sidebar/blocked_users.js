// The users whom this user has blocked, as all pages of this user know them.

import { deleteAt, getJson, putAt } from "../lib/api.js";

/** Fires `change` when a user is blocked or unblocked, and `blocked` (detail: the user) when that was done here. */
export class BlockedUsers extends EventTarget {
  #ids;
  #url;

  /** `blocked` are the ids of the users; `url` is the address of the list. */
  constructor({ blocked, url }) {
    super();
    this.#ids = new Set(blocked);
    this.#url = url;
  }

  has(id) {
    return this.#ids.has(id);
  }

  /** Promise that the server has it; rejects with an `ApiError`. */
  async block(user) {
    await putAt(`${this.#url}/${user.id}`);
    this.#set(new Set([...this.#ids, user.id]));
    this.dispatchEvent(new CustomEvent("blocked", { detail: user }));
  }

  /** Promise that the server has it; rejects with an `ApiError`. */
  async unblock({ id }) {
    await deleteAt(`${this.#url}/${id}`);
    this.#set(new Set([...this.#ids].filter((other) => other !== id)));
  }

  /** The list has changed on another page. If the server does not answer, the next change asks again. */
  async refresh() {
    const { people: users } = await getJson(this.#url).catch(() => ({ people: null }));
    if (users) this.#set(new Set(users.map(({ id }) => id)));
  }

  #set(ids) {
    this.#ids = ids;
    this.dispatchEvent(new Event("change"));
  }
}
