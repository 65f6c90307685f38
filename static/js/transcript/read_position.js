// Tells the server how far the user has read: to the newest row that was on the screen.

import { Component } from "../lib/component.js";

const GATHER_MS = 1000;

export class ReadPosition extends Component {
  static needs = ["transcript", "scroller", "connection"];

  #sent = 0;
  #timer = null;

  constructor(page) {
    super(page);
    this.transcript.addEventListener("drawn", () => this.#sendSoon());
    this.scroller.addEventListener("bottom", () => this.#sendSoon());
    document.addEventListener("visibilitychange", () => this.#sendSoon());
    this.#sendSoon();
  }

  /** The last connection may have been lost before the server knew. */
  sendAgain() {
    this.#sent = 0;
    this.#sendSoon();
  }

  #sendSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const seq = this.transcript.newest?.seq ?? 0;
      if (document.hidden || !this.scroller.isAtBottom || seq <= this.#sent) return;
      this.#sent = seq;
      this.connection.markRead(seq);
    }, GATHER_MS);
  }
}
