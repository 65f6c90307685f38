// Tells the server how far this person has read: to the newest row that was on the screen.

const GATHER_MS = 1000;

export class Reading {
  #transcript;
  #scroller;
  #send;
  #told = 0;
  #timer = null;

  constructor({ transcript, scroller, send }) {
    this.#transcript = transcript;
    this.#scroller = scroller;
    this.#send = send;
    transcript.addEventListener("drawn", () => this.#look());
    scroller.addEventListener("bottom", () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
    this.#look();
  }

  /** Another connection may not know what the last one was told. */
  again() {
    this.#told = 0;
    this.#look();
  }

  #look() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const seq = this.#transcript.newest?.seq ?? 0;
      if (document.hidden || !this.#scroller.isAtBottom || seq <= this.#told) return;
      this.#told = seq;
      this.#send(seq);
    }, GATHER_MS);
  }
}
