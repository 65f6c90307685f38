// The line that says how the connection is, when it is not as it should be.

// A connection that comes back within so long is not worth a word.
const GRACE_MS = 1500;

export class Banner {
  #banner;
  #note;
  #timer = null;

  /** `note` is the small print that says that this page polls. */
  constructor({ banner, retry, note, onRetry }) {
    this.#banner = banner;
    this.#note = note;
    retry.addEventListener("click", onRetry);
    this.down();
  }

  down() {
    this.#timer ??= setTimeout(() => {
      this.#banner.hidden = false;
    }, GRACE_MS);
  }

  up({ mode }) {
    this.stop();
    this.#note.hidden = mode !== "polling";
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#banner.hidden = true;
  }
}
