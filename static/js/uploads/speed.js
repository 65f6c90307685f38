// How fast something travels: bytes over the last seconds, so that the number neither jumps nor lags.

const WINDOW_MS = 8000;
// Before so long a guess would be one about the first packet.
const LEAST_MS = 800;

export class Speed {
  // [time in ms, bytes in all], oldest first
  #marks = [];

  /** So many bytes have travelled in all. */
  mark(bytes, now = performance.now()) {
    const newest = this.#marks.at(-1);
    // What had to travel again counts once.
    if (newest && bytes < newest[1]) this.#marks = [];
    this.#marks.push([now, bytes]);
    while (this.#marks.length > 2 && now - this.#marks[1][0] >= WINDOW_MS) this.#marks.shift();
  }

  /** A pause is not slowness. */
  rest() {
    this.#marks = [];
  }

  /** Bytes a second, or null where it is too early to say. */
  get perSecond() {
    const [[from, before] = [0, 0]] = this.#marks;
    const [to, after] = this.#marks.at(-1) ?? [0, 0];
    return to - from < LEAST_MS || after === before ? null : ((after - before) * 1000) / (to - from);
  }
}
