// The line that says how the connection is, when it is not as it should be.

// A connection that comes back within so long is not worth a word.
const GRACE_MS = 1500;

export class Banner {
  #banner;
  #note;
  #sentence;
  #onFocusLost;
  #timer = null;

  /** `note` is the small print that says that this page polls; the focus is given to `onFocusLost` when it would be lost. */
  constructor({ banner, retry, note, onRetry, onFocusLost }) {
    this.#banner = banner;
    this.#note = note;
    this.#sentence = note.textContent;
    this.#onFocusLost = onFocusLost;
    retry.addEventListener("click", onRetry);
    this.down();
  }

  down() {
    this.#timer ??= setTimeout(() => {
      this.#banner.hidden = false;
    }, GRACE_MS);
  }

  /** `why` is what the site says of it, if anything. */
  up({ mode, why }) {
    this.stop();
    this.#note.textContent = [this.#sentence, why].filter(Boolean).join(" ");
    this.#note.hidden = mode !== "polling";
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#banner.contains(document.activeElement)) this.#onFocusLost();
    this.#banner.hidden = true;
  }
}
