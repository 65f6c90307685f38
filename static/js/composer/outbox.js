// The user's messages that the room does not show yet. Each is kept until the server has it, over lost connections and
// reloads. They are sent one at a time, so that they arrive in the order in which they were written.

import { isPassing } from "../connection/posts.js";
import { Backoff } from "../lib/backoff.js";
import { randomId } from "../lib/ids.js";

// Longer than this nothing is held, whatever has happened to the clock meanwhile.
const MOST_HELD_MS = 10_000;
// A message that was left unsent for longer than this is not sent without its author.
const STALE_MS = 12 * 60 * 60 * 1000;

/**
 * An entry is {client_id, body, to, at, attachment, heldUntil, state, detail, code}: `to` is the user whom it is for alone,
 * or null; `at` is in milliseconds; `attachment` is a file that the server has, or null; until `heldUntil`, in milliseconds
 * too, its author can take it back; `state` is "waiting", "sending", "sent" (until its row is shown) or "failed". Fires
 * `change` when an entry changes. `send(entry)` posts one; its answer comes by `posted`, `delivered` or `refused`. Words
 * are held for `holdMs`. `signal` ends its life.
 */
export class Outbox extends EventTarget {
  #entries = new Map();
  #store;
  #send;
  #isConnected = false;
  #timer = null;
  #holdMs;
  #holdTimer = null;
  #backoff = new Backoff();
  #lastAt = 0;

  constructor({ store, send, signal, holdMs = 0 }) {
    super();
    this.#store = store;
    this.#send = send;
    this.#holdMs = holdMs;
    this.#restore();
    // Another tab has sent the message, or its author has discarded it there.
    store.onRemoved((id) => {
      if (this.#entries.get(id)?.state !== "sent") this.#drop(id);
    }, signal);
  }

  get entries() {
    return [...this.#entries.values()];
  }

  get isConnected() {
    return this.#isConnected;
  }

  add(body, to = null, { client_id = randomId(), attachment = null } = {}) {
    // Two entries of one millisecond keep their order over a reload.
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    const heldUntil = this.#holdMs && !attachment ? Date.now() + this.#holdMs : 0;
    const kept = { body, to, at: this.#lastAt, attachment, heldUntil };
    const entry = { client_id, ...kept, state: "waiting", detail: "", code: "" };
    this.#entries.set(client_id, entry);
    this.#store.set(client_id, kept);
    this.#changed();
    this.#pump();
    return entry;
  }

  /** The connection is up, perhaps a new one: messages that got no answer on the last one are sent again. */
  connect() {
    this.#isConnected = true;
    this.#requeue();
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
    this.#requeue();
  }

  /** The server has the message as row `seq`. Its entry stays until the page has that row; it has those up to `head`. */
  posted({ client_id: id, seq }, head) {
    this.#backoff.reset();
    if (seq <= head) this.#drop(id);
    if (this.#entries.has(id)) {
      this.#store.remove(id);
      this.#set(id, "sent");
    }
    this.#pump();
  }

  /** A private message has arrived in the direct room: no row of this room will show it. */
  delivered({ client_id: id }) {
    this.#backoff.reset();
    this.#drop(id);
    this.#pump();
  }

  refused({ client_id: id, code, detail, retry_ms: retryMs }) {
    if (this.#entries.get(id)?.state !== "sending") return;
    if (isPassing(code)) {
      this.#set(id, "waiting", detail, code);
      this.#pumpIn(Math.max(retryMs ?? 0, this.#backoff.next()));
    } else {
      this.#set(id, "failed", detail, code);
      this.#pump();
    }
  }

  /** The page has these rows now: the entries of them are done. */
  settle(rows, user) {
    for (const { client_id: id, author } of rows) {
      if (author?.id === user.id && this.#entries.has(id)) this.#drop(id);
    }
    this.#pump();
  }

  /** Take back the words that are held, `id` or the last ones; returns their entry, or null where it is too late. */
  takeBack(id = this.entries.findLast(isHeld)?.client_id) {
    const entry = this.#entries.get(id);
    if (!entry || !isHeld(entry)) return null;
    this.discard(id);
    return entry;
  }

  /** Hold nothing any longer, as the user leaves; returns the entries that were held. */
  release() {
    const held = this.entries.filter(isHeld);
    for (const entry of held) {
      const { client_id: id, body, to, at, attachment } = Object.assign(entry, { heldUntil: 0 });
      this.#store.set(id, { body, to, at, attachment });
    }
    this.#pump();
    return held;
  }

  retry(id) {
    this.#set(id, "waiting");
    this.#pumpIn(0);
  }

  discard(id) {
    this.#drop(id);
    this.#pump();
  }

  #restore() {
    const kept = this.#store.keys().map((id) => ({ client_id: id, ...this.#store.get(id) }));
    for (const { client_id: id, body, to = null, at, attachment = null, heldUntil = 0 } of kept.sort((a, b) => a.at - b.at)) {
      if (typeof body !== "string") continue;
      const state = Date.now() - at > STALE_MS ? "failed" : "waiting";
      this.#entries.set(id, { client_id: id, body, to, at, attachment, heldUntil, state, detail: "", code: "" });
    }
  }

  #pump() {
    const entries = this.entries;
    if (!this.#isConnected || this.#timer !== null || entries.some(({ state }) => state === "sending")) return;
    const next = entries.find(({ state }) => state === "waiting");
    if (!next) return;
    // Those after it wait, too: what is said stays in its order.
    if (isHeld(next)) return this.#pumpWhenReleased(next);
    this.#set(next.client_id, "sending", next.detail, next.code);
    this.#send(next);
  }

  #pumpIn(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, waitMs);
  }

  #pumpWhenReleased({ heldUntil }) {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => this.#pump(), heldUntil - Date.now());
  }

  #requeue() {
    for (const entry of this.#entries.values()) {
      if (entry.state === "sending") entry.state = "waiting";
    }
    this.#changed();
  }

  #set(id, state, detail = "", code = "") {
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

/** Whether its author can still take it back. */
export function isHeld({ state, heldUntil }) {
  const rest = heldUntil - Date.now();
  return state === "waiting" && rest > 0 && rest <= MOST_HELD_MS;
}
