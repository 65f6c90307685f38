// A WebSocket that reconnects by itself. (poller.js has the same interface without WebSockets.)

import { Backoff } from "../lib/backoff.js";
import { Acks } from "./acks.js";
import { postOf } from "./posts.js";

const VERSION = "1";
// The server sends `head` every 12 s. A socket that is silent for longer than three of those is dead.
const SILENCE_MS = 45_000;
const CHECK_EVERY_MS = 2000;
// A post that is not answered within this time means the same.
const ANSWER_MS = 20_000;
// A socket that held for this long was a good one: the next try comes at once, not after the long waits of a bad time.
const STABLE_MS = 3000;
const OPENING_MS = 10_000;
// Close codes after which the page does not reconnect. (A `bye` says so itself.)
const FINAL_CODES = new Set([4401, 4403, 4404, 4409, 4410]);

/**
 * Fires `up`, `down`, `events` (detail: the server's events, in order), `ended` (detail: {code, reason, detail, room}),
 * `failed` (detail: failures since the last welcome) and, where the server gave a reason, `refused` (detail: its `bye`).
 */
export class Socket extends EventTarget {
  #url;
  #cursor;
  #WebSocket;
  #socket = null;
  #backoff = new Backoff();
  #failures = 0;
  #welcomedAt = 0;
  #receivedAt = 0;
  #bye = null;
  #isRunning = false;
  #retryTimer = null;
  #checkTimer = null;
  #answerTimer = null;
  #isAway = false;
  #acks = new Acks((seq) => this.#write({ type: "ack", seq }));

  constructor({ path, cursor, WebSocket = globalThis.WebSocket }) {
    super();
    this.#url = new URL(path, location.href.replace(/^http/, "ws"));
    this.#cursor = cursor;
    this.#WebSocket = WebSocket;
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

  post(entry) {
    this.#answerTimer ??= setTimeout(() => this.#reconnect(), ANSWER_MS);
    this.#write({ type: "post", ...postOf(entry) });
  }

  markRead(seq) {
    this.#write({ type: "read", seq });
  }

  /** Whether it was sent: before the welcome the server passes nobody's typing on. */
  typing() {
    if (!this.#welcomedAt) return false;
    return this.#write({ type: "typing" });
  }

  setAway(isAway) {
    this.#isAway = isAway;
    this.#write({ type: "away", away: isAway });
  }

  #open() {
    clearTimeout(this.#retryTimer);
    this.#drop();
    const { seq, hash } = this.#cursor();
    this.#url.search = new URLSearchParams(seq ? { v: VERSION, after: seq, hash } : { v: VERSION });
    this.#bye = null;
    this.#welcomedAt = 0;
    this.#receivedAt = Date.now();
    try {
      this.#socket = new this.#WebSocket(this.#url.href);
    } catch {
      this.#reconnect();
      return;
    }
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code }) => this.#reconnect(code);
  }

  #receive(data) {
    const events = JSON.parse(data);
    this.#receivedAt = Date.now();
    for (const event of events) {
      if (event.type === "welcome") this.#welcomed();
      else if (event.type === "message") this.#acks.received(event.seq);
      else if (event.type === "bye") this.#bye = event;
      else if (event.type === "posted" || event.type === "error") this.#answered();
    }
    this.dispatchEvent(new CustomEvent("events", { detail: events }));
    // After the events: the page first learns what has arrived, then sends again what has not.
    if (events.some(({ type }) => type === "welcome")) this.dispatchEvent(new Event("up"));
    this.#acks.frameEnded();
  }

  #welcomed() {
    this.#failures = 0;
    this.#welcomedAt = Date.now();
    // The server keeps this per connection.
    if (this.#isAway) this.setAway(true);
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
    this.#acks.reset();
    this.#answered();
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #check() {
    if (!this.#socket) return;
    const allowed = this.#welcomedAt ? SILENCE_MS : OPENING_MS;
    if (Date.now() - this.#receivedAt > allowed) this.#reconnect();
  }

  #reconnect(code = 1006) {
    const bye = this.#bye;
    const wasWelcomed = this.#welcomedAt > 0;
    this.#drop();
    if (bye ? bye.retry_ms === null : FINAL_CODES.has(code)) {
      this.stop();
      const { reason = "", detail = "", room = null } = bye ?? {};
      this.dispatchEvent(new CustomEvent("ended", { detail: { code: bye?.code ?? code, reason, detail, room } }));
      return;
    }
    if (wasWelcomed && Date.now() - this.#welcomedAt > STABLE_MS) this.#backoff.reset();
    if (!wasWelcomed) this.#failures += 1;
    const waitMs = Math.max(bye?.retry_ms ?? 0, 0) + this.#backoff.next();
    this.#retryTimer = setTimeout(() => this.#open(), waitMs);
    this.dispatchEvent(new Event("down"));
    if (!wasWelcomed) this.dispatchEvent(new CustomEvent("failed", { detail: this.#failures }));
    if (!wasWelcomed && bye) this.dispatchEvent(new CustomEvent("refused", { detail: bye }));
  }
}
