// Messages to one user: they go into the direct room of the two, without leaving this room.

import { refusalOf, postOf } from "../connection/posts.js";
import { postJson } from "../lib/api.js";

/** Fires `delivered` (detail: the entry) and `refused` (detail: what a socket's `error` would be). */
export class PrivateMessages extends EventTarget {
  #directsUrl;
  #messagesUrl;
  // user id → id of the direct room
  #rooms = new Map();

  /** `messagesUrl(id)` is the address for posts into the room with that id. */
  constructor({ directsUrl, messagesUrl }) {
    super();
    this.#directsUrl = directsUrl;
    this.#messagesUrl = messagesUrl;
  }

  async post(entry) {
    const { client_id, to } = entry;
    try {
      await postJson(this.#messagesUrl(await this.directRoomWith(to)), postOf(entry));
      this.dispatchEvent(new CustomEvent("delivered", { detail: entry }));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("refused", { detail: refusalOf(client_id, error) }));
    }
  }

  /** Promise the id of the direct room with that user, which may be a new one; rejects with an `ApiError`. */
  async directRoomWith({ id: userId, username }) {
    if (!this.#rooms.has(userId)) this.#rooms.set(userId, (await postJson(this.#directsUrl, { username })).id);
    return this.#rooms.get(userId);
  }
}
