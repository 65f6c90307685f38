// A WebSocket that reconnects by itself, for all rooms that the page shows. (poller.js has the same interface without.)

import { Backoff } from "../lib/backoff.js";
import { EnteredRoom, roomOf } from "./entered_room.js";
import { postOf } from "./posts.js";

const VERSION = "2";
// The server sends `head` every 12 s. A socket that is silent for longer than three of those is dead.
const SILENCE_MS = 45_000;
const CHECK_EVERY_MS = 2000;
// A post that is not answered within this time means the same.
const ANSWER_MS = 20_000;
// A socket that held for this long was a good one: the next try comes at once, not after the long waits of a bad time.
const STABLE_MS = 3000;
const OPENING_MS = 10_000;
// Close codes after which the page does not reconnect. (A `bye` says so itself.)
const FINAL_CODES = new Set([4401, 4403, 4404, 4410]);
// While a site is upgraded, a page may be newer than the process that it reaches: it tries again after each of these.
const VERSION_PAUSES_MS = [1000, 3000, 9000];
// Events about rooms that the connection has not entered, or not yet.
const OF_ANY_ROOM = new Set(["unread", "read", "moved", "posted", "error"]);
const OF_ENTERING = new Set(["welcome", "ended"]);

/**
 * Fires `up` (the rooms are entered on a new socket), `down`, `events` (detail: the server's events, in order), `ended` (detail: {code,
 * reason, detail}: no room is left, or nobody is let in), `failed` (detail: failures since the last welcome) and, where
 * the server gave a reason, `refused` (detail: its `bye`).
 */
export class Socket extends EventTarget {
  #path;
  #WebSocket;
  // id → EnteredRoom
  #rooms = new Map();
  #attended = null;
  // What the server knows of that, on the present socket.
  #toldAttended = null;
  // The room that was entered by the address.
  #addressed = null;
  #hasBeenUp = false;
  #socket = null;
  #backoff = new Backoff();
  #failures = 0;
  #versionTries = 0;
  #welcomedAt = 0;
  #receivedAt = 0;
  #bye = null;
  #isRunning = false;
  #retryTimer = null;
  #checkTimer = null;
  #answerTimer = null;
  #isAway = false;

  /** `rooms` are those to enter, each {id, cursor}. */
  constructor({ path, rooms = [], WebSocket = globalThis.WebSocket }) {
    super();
    this.#path = path;
    this.#WebSocket = WebSocket;
    const write = (frame) => this.#write(frame);
    for (const room of rooms) this.#rooms.set(room.id, new EnteredRoom({ ...room, write }));
  }

  /** All rooms are entered. */
  get isUp() {
    return this.#welcomedAt > 0 && [...this.#rooms.values()].every(({ isWelcomed }) => isWelcomed);
  }

  start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#failures = 0;
    this.#checkTimer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#open();
  }

  stop() {
    this.#isRunning = false;
    clearInterval(this.#checkTimer);
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** Try now instead of after the wait. A socket that is open, or being opened, is left alone. */
  retryNow() {
    if (this.#isRunning && this.#socket === null) this.#open();
  }

  /** The user is back: keep a socket that was not silent lately, unless it belongs to another network. */
  wake({ isNewNetwork }) {
    if (!this.#isRunning) return;
    if (this.#socket && (isNewNetwork || Date.now() - this.#receivedAt > SILENCE_MS / 2)) this.#reconnect();
    this.retryNow();
  }

  /** Show a room, {id, cursor}, from now on. */
  enter(room) {
    const entered = new EnteredRoom({ ...room, write: (frame) => this.#write(frame) });
    this.#rooms.set(room.id, entered);
    if (this.#welcomedAt) this.#writeEnter(entered);
  }

  leave(id) {
    this.#rooms.get(id)?.reset();
    this.#rooms.delete(id);
    if (this.#attended === id) this.#attended = null;
    if (this.#toldAttended === id) this.#toldAttended = null;
    if (this.#welcomedAt) this.#write({ type: "leave", room: id });
  }

  post(room, entry) {
    this.#answerTimer ??= setTimeout(() => this.#reconnect(), ANSWER_MS);
    this.#write({ type: "post", room, ...postOf(entry) });
  }

  markRead(room, seq) {
    this.#write({ type: "read", room, seq });
  }

  /** Whether it was sent: before the welcome the server passes nobody's typing on. */
  typing(room) {
    if (!this.#rooms.get(room)?.isWelcomed) return false;
    return this.#write({ type: "typing", room });
  }

  /** Be present in this room, also on later sockets; null: in none. */
  attend(room) {
    this.#attended = room;
    this.#tellAttended();
  }

  setAway(isAway) {
    this.#isAway = isAway;
    this.#write({ type: "away", away: isAway });
  }

  #open() {
    clearTimeout(this.#retryTimer);
    this.#drop();
    this.#bye = null;
    this.#hasBeenUp = false;
    this.#welcomedAt = 0;
    this.#receivedAt = Date.now();
    try {
      this.#socket = new this.#WebSocket(this.#address());
    } catch {
      this.#reconnect();
      return;
    }
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code }) => this.#reconnect(code);
  }

  /** The first room is entered by the address, which saves a way there and back. */
  #address() {
    const url = new URL(this.#path, location.href.replace(/^http/, "ws"));
    url.searchParams.set("v", VERSION);
    const [first] = this.#rooms.values();
    this.#addressed = first?.id ?? null;
    if (!first) return url.href;
    this.#toldAttended = this.#attended === first.id ? first.id : null;
    const words = { enter: first.id, ...first.place, ...(this.#toldAttended && { attend: 1 }) };
    for (const [name, word] of Object.entries(words)) url.searchParams.set(name, word);
    return url.href;
  }

  #receive(data) {
    this.#receivedAt = Date.now();
    const events = JSON.parse(data).filter((event) => this.#take(event));
    this.dispatchEvent(new CustomEvent("events", { detail: events }));
    const ended = events.find(({ type }) => type === "ended");
    if (ended && !this.#rooms.size) return this.#end(ended);
    // After the events: the page first learns what has arrived, then sends again what has not.
    if (this.isUp && !this.#hasBeenUp) {
      this.#hasBeenUp = true;
      this.dispatchEvent(new Event("up"));
    }
    for (const { acks } of this.#rooms.values()) acks.frameEnded();
  }

  /** Whether the page is to hear of it, too: of a room that was left some more may come. */
  #take(event) {
    const id = roomOf(event);
    const room = this.#rooms.get(id);
    const isHeard = room?.isWelcomed || (room && OF_ENTERING.has(event.type));
    if (id !== undefined && !isHeard && !OF_ANY_ROOM.has(event.type)) return false;
    if (event.type === "welcome") room ? this.#entered(room) : this.#welcomed();
    else if (event.type === "message") room.acks.received(event.seq);
    else if (event.type === "ended") this.#rooms.delete(room.id);
    else if (event.type === "bye") this.#bye = event;
    else if (event.type === "moved") this.#attended = this.#toldAttended = null;
    else if (event.type === "posted" || event.type === "error") this.#answered();
    if (event.type === "error" && !event.client_id && room?.isWelcomed === false) this.#enterLater(room, event);
    return true;
  }

  #writeEnter({ id, place }) {
    this.#write({ type: "enter", room: id, ...place });
  }

  /** Too many rooms were entered in a short time. */
  #enterLater(room, { retry_ms: waitMs }) {
    const isWanted = () => this.#rooms.get(room.id) === room && !room.isWelcomed && this.#welcomedAt;
    if (waitMs) setTimeout(() => isWanted() && this.#writeEnter(room), waitMs);
  }

  #welcomed() {
    this.#failures = this.#versionTries = 0;
    this.#welcomedAt = Date.now();
    // The server keeps these per connection.
    if (this.#isAway) this.setAway(true);
    for (const room of this.#rooms.values()) if (room.id !== this.#addressed) this.#writeEnter(room);
    // Another one is shown by now.
    if (this.#addressed && !this.#rooms.has(this.#addressed)) this.leave(this.#addressed);
  }

  #entered(room) {
    room.isWelcomed = true;
    this.#tellAttended();
  }

  /** Only a room that was entered can be attended. */
  #tellAttended() {
    const room = this.#attended;
    if (room === this.#toldAttended || (room && !this.#rooms.get(room)?.isWelcomed)) return;
    if (this.#write({ type: "attend", room })) this.#toldAttended = room;
  }

  #answered() {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = null;
  }

  #write(frame) {
    if (this.#socket?.readyState !== this.#WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Close the socket, whatever state it is in, and ignore what it still brings. */
  #drop() {
    for (const room of this.#rooms.values()) room.reset();
    this.#answered();
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #check() {
    if (!this.#socket) return;
    const allowed = this.isUp ? SILENCE_MS : OPENING_MS;
    if (Date.now() - this.#receivedAt > allowed) this.#reconnect();
  }

  #end({ code, reason = "", detail = "" }) {
    this.stop();
    this.dispatchEvent(new CustomEvent("ended", { detail: { code, reason, detail } }));
  }

  #reconnect(code = 1006) {
    const bye = this.#bye;
    const wasWelcomed = this.#welcomedAt > 0;
    this.#drop();
    const versionPauseMs = bye?.reason === "version" ? VERSION_PAUSES_MS[this.#versionTries++] : undefined;
    if (!versionPauseMs && (bye ? bye.retry_ms === null : FINAL_CODES.has(code))) {
      this.#end({ code, ...bye });
      return;
    }
    if (wasWelcomed && Date.now() - this.#welcomedAt > STABLE_MS) this.#backoff.reset();
    const waitMs = (versionPauseMs ?? bye?.retry_ms ?? 0) + this.#backoff.next();
    this.#retryTimer = setTimeout(() => this.#open(), waitMs);
    this.dispatchEvent(new Event("down"));
    // An older process has nothing else to offer either, and says nothing about sockets.
    if (wasWelcomed || versionPauseMs) return;
    this.#failures += 1;
    this.dispatchEvent(new CustomEvent("failed", { detail: this.#failures }));
    if (bye) this.dispatchEvent(new CustomEvent("refused", { detail: bye }));
  }
}
