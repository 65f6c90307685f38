// Says that words wait because the server asked for a slower pace, when that lasts. They go by themselves.

// A shorter wait is over before its sentence is read.
const GRACE_MS = 2000;

export class Pace {
  #place;
  #outbox;
  #timer = null;

  constructor({ place, outbox }) {
    this.#place = place;
    this.#outbox = outbox;
    outbox.addEventListener("change", () => this.#look());
  }

  get #sentence() {
    const slowed = this.#outbox.entries.find(({ code, state }) => code === "too_fast" && state !== "failed");
    return slowed?.detail ?? "";
  }

  #look() {
    if (this.#sentence) {
      this.#timer ??= setTimeout(() => this.#show(this.#sentence), GRACE_MS);
    } else {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#show("");
    }
  }

  #show(sentence) {
    if (this.#place.textContent !== sentence) this.#place.textContent = sentence;
  }
}
