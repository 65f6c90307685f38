// How long to wait before trying again: longer each time, and at random, so that a thousand pages that lost one server do
// not all come back at the same moment.

const FIRST_MS = 500;
const MOST_MS = 15_000;

export class Backoff {
  #tries = 0;
  #firstMs;
  #mostMs;
  #random;

  constructor({ firstMs = FIRST_MS, mostMs = MOST_MS, random = Math.random } = {}) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** The next wait in milliseconds: anything up to 0.5 s at first, up to 15 s in the end ("full jitter"). */
  next() {
    const most = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#tries);
    this.#tries += 1;
    return Math.round(this.#random() * most);
  }

  get tries() {
    return this.#tries;
  }

  reset() {
    this.#tries = 0;
  }
}
