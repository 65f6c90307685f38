// Words to one person: into the private talk with them, without leaving this room.

import { postJson } from "../lib/api.js";
import { postOf } from "./outbox.js";

/** Fires `delivered` (detail: the entry) and `refused` (detail: what a socket's `error` would be). */
export class Privately extends EventTarget {
  #directsUrl;
  #messagesUrl;
  // username → the talk's id
  #talks = new Map();

  /** `messagesUrl(id)` is where one posts into that room. */
  constructor({ directsUrl, messagesUrl }) {
    super();
    this.#directsUrl = directsUrl;
    this.#messagesUrl = messagesUrl;
  }

  async post(entry) {
    const { client_id, to } = entry;
    try {
      await postJson(this.#messagesUrl(await this.talkWith(to)), postOf(entry));
      this.dispatchEvent(new CustomEvent("delivered", { detail: entry }));
    } catch (error) {
      const detail = { client_id, code: error.codeOfPost, detail: error.message, retry_ms: error.retryAfterMs ?? null };
      this.dispatchEvent(new CustomEvent("refused", { detail }));
    }
  }

  /** The id of the talk with that person, which is opened where there is none. */
  async talkWith({ id: personId, username }) {
    if (!this.#talks.has(personId)) this.#talks.set(personId, (await postJson(this.#directsUrl, { username })).id);
    return this.#talks.get(personId);
  }
}
