// Tells the server how far the user has read: to the newest row that was on the screen.

import { Component } from "../lib/component.js";

const GATHER_MS = 1000;

export class ReadPosition extends Component {
  static needs = ["room", "transcript", "scroller", "connection", "myRooms", "window", "isShown"];

  #sent = 0;
  // The page was opened where the unread begins, and the user has gone on from there without leaving any out.
  #isReadingOn = Boolean(this.window && !this.window.is_link);
  #timer = null;

  constructor(page) {
    super(page);
    this.transcript.addEventListener("drawn", () => this.#sendSoon());
    this.scroller.addEventListener("bottom", () => this.#sendSoon());
    this.scroller.addEventListener("scroll", () => this.#isReadingOn && this.#sendSoon());
    this.scroller.addEventListener("home", () => {
      this.#isReadingOn = false;
    });
    this.listen(document, "visibilitychange", () => this.#sendSoon());
    this.#sendSoon();
  }

  /** The last connection may have been lost before the server knew. */
  sendAgain() {
    this.#sent = 0;
    this.#sendSoon();
  }

  /** Tell it now: another room is about to be shown. */
  send() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const seq = this.#seq;
    if (document.hidden || seq <= this.#sent || !this.isShown) return;
    this.#sent = seq;
    this.connection.markRead(this.room.id, seq);
    this.myRooms.apply({ type: "read", room: this.room.id, read_talk: this.transcript.talkUpTo(seq) });
  }

  #sendSoon() {
    this.#timer ??= setTimeout(() => this.send(), GATHER_MS);
  }

  get #seq() {
    if (this.scroller.isAtBottom) return this.transcript.newest?.seq ?? 0;
    return this.#isReadingOn ? (this.scroller.lastSeenSeq ?? 0) : 0;
  }
}
