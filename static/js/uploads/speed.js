// The speed of an upload over the last seconds, so that the number neither jumps nor lags.

const WINDOW_MS = 8000;
// Before this time the number would be about the first packet alone.
const LEAST_MS = 800;

export class Speed {
  // [time in ms, bytes in all], oldest first
  #marks = [];

  /** So many bytes have been sent in all; `now` is in milliseconds. */
  mark(bytes, now = performance.now()) {
    const newest = this.#marks.at(-1);
    // Bytes that had to be sent again count once.
    if (newest && bytes < newest[1]) this.#marks = [];
    this.#marks.push([now, bytes]);
    while (this.#marks.length > 2 && now - this.#marks[1][0] >= WINDOW_MS) this.#marks.shift();
  }

  /** Forget what was measured: a pause is not slowness. */
  pause() {
    this.#marks = [];
  }

  /** Bytes a second, or null when it is too early to say. */
  get perSecond() {
    const [[from, before] = [0, 0]] = this.#marks;
    const [to, after] = this.#marks.at(-1) ?? [0, 0];
    return to - from < LEAST_MS || after === before ? null : ((after - before) * 1000) / (to - from);
  }
}
