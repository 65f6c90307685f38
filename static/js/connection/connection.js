// The room's connection: a socket where one opens, otherwise the poller, with the socket tried again from time to time.
// It has the interface of both.

import { Poller } from "./poller.js";
import { Socket } from "./socket.js";

// Failures in a row before the poller takes over: fewer where no socket has ever worked on this page.
const FAILURES_AT_FIRST = 2;
const FAILURES_LATER = 5;
const TRY_SOCKET_EVERY_MS = 60_000;
// A page that is refused a socket for longer than this polls meanwhile.
const LONG_REFUSAL_MS = 5000;

/** Fires `up`, `down`, `events` and `ended`. `mode` is "socket" or "polling". */
export class Connection extends EventTarget {
  #socket = null;
  #poller;
  #current;
  #hasWorked = false;
  #isDown = false;
  #why = "";
  #timer = null;
  #listeners = null;

  constructor({ urls, websockets, cursor }) {
    super();
    this.#poller = new Poller({ urls, cursor });
    if (websockets && globalThis.WebSocket) this.#socket = new Socket({ path: urls.socket, cursor });
    this.#current = this.#socket ?? this.#poller;
  }

  get mode() {
    return this.#current === this.#poller ? "polling" : "socket";
  }

  /** The server's sentence of why this page polls, or "". */
  get why() {
    return this.#why;
  }

  /** May be called again after `ended`, when the user wants to come back. */
  start() {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    for (const source of this.#sources) this.#listenTo(source, signal);
    this.#socket?.addEventListener("failed", ({ detail }) => this.#giveUpAfter(detail), { signal });
    this.#socket?.addEventListener("refused", ({ detail }) => this.#pollUntil(detail), { signal });
    addEventListener("online", () => this.#wake({ isNewNetwork: true }), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake({ isNewNetwork: false }), { signal });
    // A page that comes back from the browser's back-forward cache has lost its connection silently.
    addEventListener("pageshow", ({ persisted }) => persisted && this.#wake({ isNewNetwork: true }), { signal });
    this.#current.start();
  }

  stop() {
    this.#listeners?.abort();
    clearInterval(this.#timer);
    this.#socket?.stop();
    this.#poller.stop();
  }

  post(entry) {
    this.#current.post(entry);
  }

  markRead(seq) {
    this.#current.markRead(seq);
  }

  typing() {
    return this.#current.typing();
  }

  setAway(isAway) {
    for (const source of this.#sources) source.setAway(isAway);
  }

  retryNow() {
    this.#current.retryNow();
  }

  get #sources() {
    return [this.#socket, this.#poller].filter(Boolean);
  }

  #wake(how) {
    this.#socket?.wake(how);
    if (this.#current === this.#poller) this.#poller.wake(how);
  }

  #listenTo(source, signal) {
    const on = (name, listener) => source.addEventListener(name, listener, { signal });
    on("up", () => this.#cameUp(source));
    on("down", () => {
      if (source !== this.#current) return;
      this.#isDown = true;
      this.dispatchEvent(new Event("down"));
    });
    on("events", ({ detail }) => this.dispatchEvent(new CustomEvent("events", { detail })));
    on("ended", ({ detail }) => {
      this.stop();
      this.dispatchEvent(new CustomEvent("ended", { detail }));
    });
  }

  #cameUp(source) {
    if (source === this.#socket) {
      this.#hasWorked = true;
      if (this.#current === this.#poller) this.#switchToSocket();
    } else if (this.#isDown) {
      // The server was away, which says nothing about sockets: they may work now.
      this.#trySocket();
    }
    this.#isDown = false;
    this.dispatchEvent(new Event("up"));
  }

  #giveUpAfter(failures) {
    if (this.#current === this.#poller) {
      this.#socket.stop();
    } else if (failures >= (this.#hasWorked ? FAILURES_LATER : FAILURES_AT_FIRST)) {
      this.#poll(TRY_SOCKET_EVERY_MS);
    }
  }

  #pollUntil({ detail, retry_ms: retryMs }) {
    if (retryMs < LONG_REFUSAL_MS) return;
    this.#why = detail;
    // The server is there: an answer to the poller is no reason to try the socket before its time.
    this.#isDown = false;
    if (this.#current !== this.#poller) this.#poll(Math.max(retryMs, TRY_SOCKET_EVERY_MS));
  }

  #poll(trySocketEveryMs) {
    this.#socket.stop();
    this.#current = this.#poller;
    this.#poller.start();
    this.#timer = setInterval(() => this.#trySocket(), trySocketEveryMs);
  }

  #trySocket() {
    this.#socket?.start();
  }

  #switchToSocket() {
    clearInterval(this.#timer);
    this.#poller.stop();
    this.#current = this.#socket;
    this.#why = "";
  }
}
