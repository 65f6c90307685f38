// The rooms without WebSockets: one small request a second. Its answers become the events that a socket would bring.

import { postJson } from "../lib/api.js";
import { Backoff } from "../lib/backoff.js";
import { randomId } from "../lib/ids.js";
import { postOf, refusalOf } from "./posts.js";

const POLL_MS = 1000;
// Added to the wait between two polls while the server does not answer.
const LONGEST_PAUSE_MS = 6000;
const TIMEOUT_MS = 15_000;
const SIGNED_OUT = 4401;

/** Fires `up`, `down`, `events` and `ended`, as Socket does. */
export class Poller extends EventTarget {
  #urls;
  // id → {cursor, presence: the version of the list of people that the page has}
  #rooms = new Map();
  // {room, name, since}: a name of its own for each time that the page begins to attend a room; null: it attends none.
  #attended = null;
  #backoff = new Backoff({ mostMs: LONGEST_PAUSE_MS });
  #timer = null;
  #isUp = false;
  #isAway = false;
  #isReadOnly = false;
  // Counts starts and stops: an answer to an earlier run is ignored.
  #run = 0;

  /** `rooms` are those that the page shows, each {id, cursor}; `urls` has functions of a room's id. */
  constructor({ urls, rooms }) {
    super();
    this.#urls = urls;
    for (const { id, cursor } of rooms) this.#rooms.set(id, { cursor, presence: null });
  }

  start() {
    this.#run += 1;
    this.#isUp = false;
    for (const room of this.#rooms.values()) room.presence = null;
    if (this.#attended) this.attend(this.#attended.room);
    this.#poll(this.#run);
  }

  stop() {
    this.#run += 1;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Show a room, {id, cursor}, from now on. */
  enter({ id, cursor }) {
    this.#rooms.set(id, { cursor, presence: null });
    this.retryNow();
  }

  leave(id) {
    this.#rooms.delete(id);
    if (this.#attended?.room === id) this.#attended = null;
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

  async post(room, entry) {
    const run = this.#run;
    const { client_id } = entry;
    try {
      const row = await postJson(this.#urls.messages(room), postOf(entry), { timeoutMs: TIMEOUT_MS });
      if (run !== this.#run) return;
      this.#emit([{ type: "posted", room, client_id, seq: row.seq, id: row.id }]);
      this.retryNow();
    } catch (error) {
      if (run !== this.#run) return;
      this.#emit([{ ...refusalOf(client_id, error), room }]);
      this.#endedBy(error);
    }
  }

  /** Typing is neither sent nor received by polling. */
  typing() {
    return false;
  }

  /** Be present in this room; null: in none. */
  attend(room) {
    this.#attended = room && { room, name: randomId(), since: null };
  }

  setAway(isAway) {
    this.#isAway = isAway;
  }

  markRead(room, seq) {
    // If this one is lost, the next row that is read makes up for it.
    postJson(this.#urls.read(room), { seq }).catch(() => {});
  }

  async #poll(run) {
    this.#timer = null;
    const began = Date.now();
    const attended = this.#attended;
    try {
      const answer = await postJson(this.#urls.poll, this.#question(), { timeoutMs: TIMEOUT_MS });
      if (run !== this.#run) return;
      this.#backoff.reset();
      if (attended && attended === this.#attended) this.#attended.since = answer.since;
      this.#take(answer);
      // What it told may have ended this.
      if (run !== this.#run) return;
      this.#pollIn(answer.more ? 0 : Math.max(POLL_MS - (Date.now() - began), POLL_MS / 4));
    } catch (error) {
      if (run !== this.#run || this.#endedBy(error)) return;
      if (error.status !== 429) this.#goDown();
      this.#pollIn(Math.max(error.retryAfterMs ?? 0, POLL_MS) + this.#backoff.next());
    }
  }

  #question() {
    const rooms = Array.from(this.#rooms, ([room, { cursor, presence }]) => {
      const { seq, hash } = cursor();
      return { room, after: seq, hash: hash || null, presence };
    });
    const { room, name, since } = this.#attended ?? {};
    return { rooms, ...(room && { attend: room, here: name, since }), away: this.#isAway };
  }

  #take({ rooms, moved, read_only: isReadOnly }) {
    // A room may have been left while the answer was on its way.
    const events = rooms.flatMap((news) => (this.#rooms.has(news.room) ? this.#eventsOf(news) : []));
    if (moved) {
      this.#attended = null;
      events.push({ type: "moved", room: moved });
    }
    if (isReadOnly !== this.#isReadOnly) {
      this.#isReadOnly = isReadOnly;
      events.push({ type: "read_only", on: isReadOnly });
    }
    this.#emit(events);
    const ended = events.find(({ type }) => type === "ended");
    if (ended && !this.#rooms.size) {
      this.#end(ended);
    } else if (!this.#isUp) {
      this.#isUp = true;
      this.dispatchEvent(new Event("up"));
    }
  }

  #eventsOf({ room, messages, head, hash, more, reset, pins, presence, ended }) {
    if (ended) {
      this.#rooms.delete(room);
      return [{ type: "ended", room, ...ended }];
    }
    const events = reset
      ? [{ type: "reset", room, messages, more, head, hash, pins }]
      : messages.map((row) => ({ type: "message", ...row }));
    if (!reset && !more) events.push({ type: "head", room, seq: head });
    if (presence) {
      this.#rooms.get(room).presence = presence.version;
      events.push({ type: "present", room, people: presence.people, count: presence.count });
    }
    return events;
  }

  #pollIn(waitMs) {
    const run = this.#run;
    this.#timer = setTimeout(() => this.#poll(run), waitMs);
  }

  #goDown() {
    this.#isUp = false;
    this.dispatchEvent(new Event("down"));
  }

  #end({ code, reason, detail }) {
    this.stop();
    this.dispatchEvent(new CustomEvent("ended", { detail: { code, reason, detail } }));
  }

  #endedBy({ code, status, message }) {
    if (status !== 401) return false;
    this.#end({ code: SIGNED_OUT, reason: code, detail: message });
    return true;
  }

  #emit(events) {
    if (events.length) this.dispatchEvent(new CustomEvent("events", { detail: events }));
  }
}
