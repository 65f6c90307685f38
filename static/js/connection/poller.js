// The room without WebSockets: one small request a second. Its answers become the events that a socket would bring.

import { getJson, postJson } from "../lib/api.js";
import { Backoff } from "../lib/backoff.js";
import { randomId } from "../lib/ids.js";
import { postOf, refusalOf } from "./posts.js";

const POLL_MS = 1000;
// Added to the wait between two polls while the server does not answer.
const LONGEST_PAUSE_MS = 6000;
const TIMEOUT_MS = 15_000;
// The close code that a socket would have, for each error code that ends the connection.
const ENDINGS = {
  ...{ signed_out: 4401, removed: 4403, left: 4403, join_first: 4403 },
  ...{ no_such_room: 4404, elsewhere: 4409, room_deleted: 4410 },
};

/** Fires `up`, `down`, `events` and `ended`, as Socket does. */
export class Poller extends EventTarget {
  #urls;
  #cursor;
  #tab = "";
  #presence = null;
  #backoff = new Backoff({ mostMs: LONGEST_PAUSE_MS });
  #timer = null;
  #isUp = false;
  #isAway = false;
  #isReadOnly = false;
  // Counts starts and stops: an answer to an earlier run is ignored.
  #run = 0;

  constructor({ urls, cursor }) {
    super();
    this.#urls = urls;
    this.#cursor = cursor;
  }

  start() {
    this.#run += 1;
    // A new id for each start: the server takes the newest one as the room that the user is in.
    this.#tab = randomId();
    this.#isUp = false;
    this.#presence = null;
    this.#poll(this.#run);
  }

  stop() {
    this.#run += 1;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Poll now instead of after the wait. A request that is under way is left alone. */
  retryNow() {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#poll(this.#run);
  }

  wake() {
    this.retryNow();
  }

  async post(entry) {
    const run = this.#run;
    const { client_id } = entry;
    try {
      const row = await postJson(this.#urls.messages, postOf(entry), { timeoutMs: TIMEOUT_MS });
      if (run !== this.#run) return;
      this.#emit([{ type: "posted", client_id, seq: row.seq, id: row.id }]);
      this.retryNow();
    } catch (error) {
      if (run !== this.#run) return;
      this.#emit([refusalOf(client_id, error)]);
      this.#endedBy(error);
    }
  }

  /** Typing is neither sent nor received by polling. */
  typing() {
    return false;
  }

  setAway(isAway) {
    this.#isAway = isAway;
  }

  markRead(seq) {
    // If this one is lost, the next row that is read makes up for it.
    postJson(this.#urls.read, { seq }).catch(() => {});
  }

  async #poll(run) {
    this.#timer = null;
    const began = Date.now();
    try {
      const page = await getJson(this.#urls.messages, this.#query(), { timeoutMs: TIMEOUT_MS });
      if (run !== this.#run) return;
      this.#backoff.reset();
      this.#take(page);
      this.#pollIn(page.more && !page.reset ? 0 : Math.max(POLL_MS - (Date.now() - began), POLL_MS / 4));
    } catch (error) {
      if (run !== this.#run || this.#endedBy(error)) return;
      if (error.status !== 429) this.#goDown();
      this.#pollIn(Math.max(error.retryAfterMs ?? 0, POLL_MS) + this.#backoff.next());
    }
  }

  #query() {
    const { seq, hash } = this.#cursor();
    const away = this.#isAway ? 1 : null;
    return { after: seq, hash: hash || null, here: this.#tab, presence: this.#presence, away };
  }

  #take({ messages, head, reset, more, presence, read_only: isReadOnly = false }) {
    const events = reset
      ? [{ type: "reset", messages, more }]
      : [...messages.map((row) => ({ type: "message", ...row })), ...(more ? [] : [{ type: "head", seq: head }])];
    if (presence) {
      this.#presence = presence.version;
      events.push({ type: "present", people: presence.people, count: presence.count });
    }
    if (isReadOnly !== this.#isReadOnly) {
      this.#isReadOnly = isReadOnly;
      events.push({ type: "read_only", on: isReadOnly });
    }
    this.#emit(events);
    if (!this.#isUp) {
      this.#isUp = true;
      this.dispatchEvent(new Event("up"));
    }
  }

  #pollIn(waitMs) {
    const run = this.#run;
    this.#timer = setTimeout(() => this.#poll(run), waitMs);
  }

  #goDown() {
    this.#isUp = false;
    this.dispatchEvent(new Event("down"));
  }

  #endedBy({ code, status, message, answer }) {
    const ending = ENDINGS[code] ?? (status === 401 ? ENDINGS.signed_out : null);
    if (!ending) return false;
    this.stop();
    const room = answer.room ?? null;
    this.dispatchEvent(new CustomEvent("ended", { detail: { code: ending, reason: code, detail: message, room } }));
    return true;
  }

  #emit(events) {
    this.dispatchEvent(new CustomEvent("events", { detail: events }));
  }
}
