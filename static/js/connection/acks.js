// Tells the server which rows have arrived, so that it keeps no more for this page than the page can take.

const EVERY_MS = 4000;
const EVERY_MESSAGES = 100;

export class Acks {
  #send;
  #newest = 0;
  #count = 0;
  #timer = null;

  /** `send(seq)` tells the server that all rows up to this one have arrived. */
  constructor(send) {
    this.#send = send;
  }

  received(seq) {
    this.#newest = Math.max(this.#newest, seq);
    this.#count += 1;
    this.#timer ??= setTimeout(() => this.#sendAck(), EVERY_MS);
  }

  /** Called after each frame, so that a frame with many rows is acknowledged once. */
  frameEnded() {
    if (this.#count >= EVERY_MESSAGES) this.#sendAck();
  }

  /** Another socket begins, on which nothing has arrived yet. */
  reset() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#count = 0;
    this.#newest = 0;
  }

  #sendAck() {
    const seq = this.#newest;
    this.reset();
    this.#send(seq);
  }
}
