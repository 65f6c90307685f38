// Tells the server what has arrived, so that it need not keep more for us than we can take.

const EVERY_MS = 4000;
const EVERY_MESSAGES = 100;

export class Acks {
  #send;
  #newest = 0;
  #count = 0;
  #timer = null;

  /** `send(seq)`: all up to this row has arrived. */
  constructor(send) {
    this.#send = send;
  }

  received(seq) {
    this.#newest = Math.max(this.#newest, seq);
    this.#count += 1;
    this.#timer ??= setTimeout(() => this.#tell(), EVERY_MS);
  }

  /** Called after each frame: a frame with many rows is acknowledged once. */
  framed() {
    if (this.#count >= EVERY_MESSAGES) this.#tell();
  }

  /** Another link begins: what the last one brought is its server's business no more. */
  reset() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#count = 0;
    this.#newest = 0;
  }

  #tell() {
    const seq = this.#newest;
    this.reset();
    this.#send(seq);
  }
}
