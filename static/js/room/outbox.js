// What this person wrote and the room does not show yet. Words are kept until the server has them: through lost
// connections and reloads. They go one at a time, so that they arrive in the order in which they were written.

import { Backoff } from "../lib/backoff.js";
import { randomId } from "../lib/ids.js";

// Refusals that pass by themselves. Any other is about the message, and only its author can do something.
const PASSING_CODES = new Set(["try_again", "read_only", "too_fast", "too_many_requests"]);
// Words that were left behind longer ago are not sent behind their author's back.
const STALE_MS = 12 * 60 * 60 * 1000;

/**
 * An entry is {client_id, body, to, at, attachment, state, detail, code}; `to` is null, or the person whom it is for
 * alone; `attachment` is null, or a file that the server has; its state is "waiting", "sending", "sent" (until its row is
 * shown) or "failed". Fires `change` when one of them changes. `send(entry)` hands one to the connection.
 */
export class Outbox extends EventTarget {
  #entries = new Map();
  #store;
  #send;
  #isConnected = false;
  #timer = null;
  #backoff = new Backoff();
  #lastAt = 0;

  constructor({ store, send }) {
    super();
    this.#store = store;
    this.#send = send;
    this.#restore();
    // Another tab has sent it, or its author has taken it back there.
    store.onRemoved((id) => {
      if (this.#entries.get(id)?.state !== "sent") this.#drop(id);
    });
  }

  get entries() {
    return [...this.#entries.values()];
  }

  get isConnected() {
    return this.#isConnected;
  }

  add(body, to = null, { client_id = randomId(), attachment = null } = {}) {
    // Two in one millisecond keep their order over a reload.
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    const kept = { body, to, at: this.#lastAt, attachment };
    const entry = { client_id, ...kept, state: "waiting", detail: "", code: "" };
    this.#entries.set(client_id, entry);
    this.#store.set(client_id, kept);
    this.#changed();
    this.#pump();
    return entry;
  }

  /** The connection is there, perhaps another one: what got no answer on the last one is sent again. */
  connect() {
    this.#isConnected = true;
    this.#takeBack();
    this.#backoff.reset();
    this.#pumpIn(0);
  }

  /** What kept the server from taking words is over. */
  resume() {
    this.#backoff.reset();
    this.#pumpIn(0);
  }

  disconnect() {
    this.#isConnected = false;
    this.#takeBack();
  }

  /** The server has it as row `seq`. It stays here until the page, which has the rows up to `head`, has that one too. */
  posted({ client_id: id, seq }, head) {
    this.#backoff.reset();
    if (seq <= head) this.#drop(id);
    if (this.#entries.has(id)) {
      this.#store.remove(id);
      this.#become(id, "sent");
    }
    this.#pump();
  }

  /** What was for one person alone has arrived; no row of this room will tell of it. */
  delivered({ client_id: id }) {
    this.#backoff.reset();
    this.#drop(id);
    this.#pump();
  }

  refused({ client_id: id, code, detail, retry_ms: retryMs }) {
    if (this.#entries.get(id)?.state !== "sending") return;
    if (PASSING_CODES.has(code)) {
      this.#become(id, "waiting", detail, code);
      this.#pumpIn(Math.max(retryMs ?? 0, this.#backoff.next()));
    } else {
      this.#become(id, "failed", detail, code);
      this.#pump();
    }
  }

  /** The page has these rows now: what was waiting for them here is done. */
  settle(rows, you) {
    for (const { client_id: id, author } of rows) {
      if (author?.id === you.id && this.#entries.has(id)) this.#drop(id);
    }
    this.#pump();
  }

  retry(id) {
    this.#become(id, "waiting");
    this.#pumpIn(0);
  }

  discard(id) {
    this.#drop(id);
    this.#pump();
  }

  #restore() {
    const kept = this.#store.keys().map((id) => ({ client_id: id, ...this.#store.get(id) }));
    for (const { client_id: id, body, to = null, at, attachment = null } of kept.sort((a, b) => a.at - b.at)) {
      if (typeof body !== "string") continue;
      const state = Date.now() - at > STALE_MS ? "failed" : "waiting";
      this.#entries.set(id, { client_id: id, body, to, at, attachment, state, detail: "", code: "" });
    }
  }

  #pump() {
    const entries = this.entries;
    if (!this.#isConnected || this.#timer !== null || entries.some(({ state }) => state === "sending")) return;
    const next = entries.find(({ state }) => state === "waiting");
    if (!next) return;
    this.#become(next.client_id, "sending", next.detail, next.code);
    this.#send(next);
  }

  #pumpIn(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, waitMs);
  }

  #takeBack() {
    for (const entry of this.#entries.values()) {
      if (entry.state === "sending") entry.state = "waiting";
    }
    this.#changed();
  }

  #become(id, state, detail = "", code = "") {
    Object.assign(this.#entries.get(id), { state, detail, code });
    this.#changed();
  }

  #drop(id) {
    this.#store.remove(id);
    if (this.#entries.delete(id)) this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** What is posted of an entry, by whatever way. */
export function postOf({ client_id, body, attachment }) {
  return attachment ? { client_id, body, attachment: attachment.id } : { client_id, body };
}
