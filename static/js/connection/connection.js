// The page's one connection: a socket where one opens, otherwise the poller, with the socket tried again from time to time.
// It has the interface of both. It enters the room that is shown, and posts into any.

import { Socket } from "./socket.js";

// Failures in a row before the poller takes over: fewer where no socket has ever worked on this page.
const FAILURES_AT_FIRST = 2;
const FAILURES_LATER = 5;
const TRY_SOCKET_EVERY_MS = 60_000;
// A page that is refused a socket for longer than this polls meanwhile.
const LONG_REFUSAL_MS = 5000;
// A page that can do nothing but poll fetches the poller again after this time, if that has failed.
const FETCH_AGAIN_MS = 3000;

/** Fires `up`, `down`, `events` and `ended`. `mode` is "socket" or "polling". */
export class Connection extends EventTarget {
  #room;
  #urls;
  #cursor;
  #socket = null;
  // Null until somebody needs it: it is not among what the page loads first.
  #poller = null;
  #fetching = null;
  // Null: there is no socket, and the poller has not come yet.
  #current = null;
  #hasWorked = false;
  #isUp = false;
  #isDown = false;
  #hasEnded = false;
  #isAway = false;
  #isAttending = false;
  #why = "";
  #timer = null;
  #listeners = null;

  /** `room` is the id of the room that the page shows, `cursor` returns where the page's log ends. */
  constructor({ room, urls, websockets, cursor }) {
    super();
    this.#room = room;
    this.#urls = urls;
    this.#cursor = cursor;
    if (websockets && globalThis.WebSocket) {
      this.#socket = new Socket({ path: urls.socket, rooms: [{ id: room, cursor }] });
    }
  }

  get mode() {
    return this.#socket !== null && this.#current === this.#socket ? "socket" : "polling";
  }

  get isUp() {
    return this.#isUp;
  }

  /** Nobody is let in again by itself: signed out, or out of the room that was shown. */
  get hasEnded() {
    return this.#hasEnded;
  }

  /** The server's sentence of why this page polls, or "". */
  get why() {
    return this.#why;
  }

  start() {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    if (this.#socket) this.#listenTo(this.#socket);
    this.#socket?.addEventListener("failed", ({ detail }) => this.#giveUpAfter(detail), { signal });
    this.#socket?.addEventListener("refused", ({ detail }) => this.#pollUntil(detail), { signal });
    addEventListener("online", () => this.#wake({ isNewNetwork: true }), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake({ isNewNetwork: false }), { signal });
    // A page that comes back from the browser's back-forward cache has lost its connection silently.
    addEventListener("pageshow", ({ persisted }) => persisted && this.#wake({ isNewNetwork: true }), { signal });
    this.#current = this.#socket;
    if (this.#socket) this.#socket.start();
    else this.#poll();
  }

  stop() {
    this.#listeners?.abort();
    clearInterval(this.#timer);
    this.#socket?.stop();
    this.#poller?.stop();
  }

  /** The page shows another room, {id, cursor}: enter it, and leave the one before. Attention goes along. */
  show({ id, cursor }) {
    const before = this.#room;
    this.#room = id;
    this.#cursor = cursor;
    for (const source of this.#sources) {
      source.leave(before);
      if (this.#isAttending) source.attend(id);
      source.enter({ id, cursor });
    }
  }

  post(room, entry) {
    this.#current?.post(room, entry);
  }

  markRead(room, seq) {
    this.#current?.markRead(room, seq);
  }

  typing(room) {
    return this.#current?.typing(room) ?? false;
  }

  /** Make the user present in the room by this page, until they are somewhere else. */
  attend() {
    if (this.#isAttending) return;
    this.#isAttending = true;
    for (const source of this.#sources) source.attend(this.#room);
  }

  setAway(isAway) {
    this.#isAway = isAway;
    for (const source of this.#sources) source.setAway(isAway);
  }

  retryNow() {
    this.#current?.retryNow();
  }

  get #sources() {
    return [this.#socket, this.#poller].filter(Boolean);
  }

  #wake(how) {
    this.#socket?.wake(how);
    if (this.mode === "polling") this.#current?.wake(how);
  }

  #listenTo(source) {
    const { signal } = this.#listeners;
    const on = (name, listener) => source.addEventListener(name, listener, { signal });
    on("up", () => this.#cameUp(source));
    on("down", () => {
      if (source !== this.#current) return;
      this.#isDown = true;
      this.#isUp = false;
      this.dispatchEvent(new Event("down"));
    });
    on("events", ({ detail }) => {
      if (detail.some(({ type }) => type === "moved")) this.#leaveAttention();
      this.dispatchEvent(new CustomEvent("events", { detail }));
    });
    on("ended", ({ detail }) => {
      this.#isUp = false;
      this.#hasEnded = true;
      this.stop();
      this.dispatchEvent(new CustomEvent("ended", { detail }));
    });
  }

  #leaveAttention() {
    this.#isAttending = false;
    for (const source of this.#sources) source.attend(null);
  }

  #cameUp(source) {
    if (source === this.#socket) {
      this.#hasWorked = true;
      if (this.#current !== this.#socket) this.#switchToSocket();
    } else if (this.#isDown) {
      // The server was away, which says nothing about sockets: they may work now.
      this.#trySocket();
    }
    this.#isDown = false;
    this.#isUp = true;
    this.dispatchEvent(new Event("up"));
  }

  #giveUpAfter(failures) {
    if (this.#current !== this.#socket) {
      this.#socket.stop();
    } else if (failures >= (this.#hasWorked ? FAILURES_LATER : FAILURES_AT_FIRST)) {
      this.#poll();
    }
  }

  #pollUntil({ detail, retry_ms: retryMs }) {
    if (retryMs < LONG_REFUSAL_MS) return;
    this.#why = detail;
    // The server is there: an answer to the poller is no reason to try the socket before its time.
    this.#isDown = false;
    if (this.#current === this.#socket) this.#poll(Math.max(retryMs, TRY_SOCKET_EVERY_MS));
  }

  /** Let the poller take over when it has come. Until then the socket goes on: the server may be away altogether. */
  async #poll(trySocketEveryMs = TRY_SOCKET_EVERY_MS) {
    const { signal } = this.#listeners;
    this.#fetching ??= import("./poller.js");
    try {
      const { Poller } = await this.#fetching;
      this.#poller ??= this.#make(Poller);
    } catch {
      // The socket's next failure asks again.
      this.#fetching = null;
      if (!this.#socket) setTimeout(() => signal.aborted || this.#poll(), FETCH_AGAIN_MS);
      return;
    }
    if (signal.aborted || this.#socket?.isUp || this.#current === this.#poller) return;
    this.#current = this.#poller;
    this.#poller.start();
    if (!this.#socket) return;
    this.#socket.stop();
    this.#timer = setInterval(() => this.#trySocket(), trySocketEveryMs);
  }

  #make(Poller) {
    const poller = new Poller({ urls: this.#urls, rooms: [{ id: this.#room, cursor: this.#cursor }] });
    this.#listenTo(poller);
    poller.setAway(this.#isAway);
    if (this.#isAttending) poller.attend(this.#room);
    return poller;
  }

  #trySocket() {
    this.#socket?.start();
  }

  #switchToSocket() {
    clearInterval(this.#timer);
    this.#poller?.stop();
    this.#current = this.#socket;
    this.#why = "";
  }
}
