// The rows that this page has in memory, and the part of them that is in the document: rows that are far from what the
// user reads are removed from it, and drawn again when the user comes near.

// At most this many rows are in the document; this many more are drawn when the user comes near to an end.
const MOST_DRAWN = 500;
const STEP = 100;
// A screen full of rows of usual height: they are drawn first, and the rest as many at a time once these are shown.
const ROW_PX = 44;
const SCREENFUL = Math.max(18, Math.ceil((globalThis.screen?.height ?? 0) / ROW_PX));
// Beyond this many rows the oldest are forgotten while the user is at the end. Scrolling up brings them back.
const MOST_KEPT = 1200;
const KEPT_AFTER_TRIM = 300;
// While the user reads on in one direction, so many stay in memory: beyond them those on the other side are forgotten.
const MOST_READ = 3000;

export class MessageRows {
  #log;
  #draw;
  #dress;
  #rows = [];
  // The index of the first drawn row, and the elements of it and of the drawn rows after it.
  #from = 0;
  #entries = [];

  /** `draw(row)` makes an element for the row; `dress(entry, row, previous)` fits it to the row before. */
  constructor({ log, draw, dress }) {
    this.#log = log;
    this.#draw = draw;
    this.#dress = dress;
  }

  get oldest() {
    return this.#rows[0] ?? null;
  }

  get newest() {
    return this.#rows.at(-1) ?? null;
  }

  get hasOlder() {
    return this.#from > 0;
  }

  /** Fewer rows are drawn than there could be. */
  get isThin() {
    return this.hasOlder && this.#entries.length < STEP;
  }

  get hasNewer() {
    return this.#to < this.#rows.length;
  }

  get isTooMany() {
    return this.#rows.length > MOST_KEPT;
  }

  [Symbol.iterator]() {
    return this.#rows.values();
  }

  some(test) {
    return this.#rows.some(test);
  }

  /** {row, entry}, or null; `entry` is null for a row that is not drawn. */
  find(seq) {
    const index = this.#rows.findIndex((row) => row.seq === seq);
    return index < 0 ? null : { row: this.#rows[index], entry: this.#entries[index - this.#from] ?? null };
  }

  /** Each drawn row, as [entry, row]. */
  get drawn() {
    return this.#entries.map((entry, index) => [entry, this.#rows[this.#from + index]]);
  }

  /** Have these rows and no others; the newest are drawn, or those around row `seq`. */
  replace(rows, seq = null) {
    this.#rows = [...rows];
    const index = this.#rows.findIndex((row) => row.seq === seq);
    if (index < 0) this.showNewest();
    else this.#show(index - SCREENFUL, index + SCREENFUL);
  }

  /** Add rows at the beginning. Returns whether newer ones were forgotten for them. */
  prepend(rows) {
    this.#rows.unshift(...rows);
    this.#from += rows.length;
    this.showOlder();
    const kept = Math.max(MOST_READ, this.#to);
    return this.#rows.splice(kept).length > 0;
  }

  /** Add rows at the end, where the user reads on. Returns whether older ones were forgotten for them. */
  extend(rows) {
    this.#rows.push(...rows);
    this.showNewer();
    const excess = Math.min(this.#rows.length - MOST_READ, this.#from);
    if (excess <= 0) return false;
    this.#rows.splice(0, excess);
    this.#from -= excess;
    return true;
  }

  /** Add rows at the end. They are drawn only where the user can see them. */
  append(rows, { isAtEnd }) {
    const isWhole = !this.hasNewer;
    this.#rows.push(...rows);
    if (isAtEnd && rows.length > STEP) this.showNewest();
    else if (isWhole && (isAtEnd || this.#entries.length + rows.length <= MOST_DRAWN)) this.showNewer(rows.length);
  }

  showNewest() {
    this.#show(this.#rows.length - SCREENFUL, this.#rows.length);
  }

  showOlder() {
    const start = Math.max(0, this.#from - (this.isThin ? SCREENFUL : STEP));
    const older = this.#drawn(start, this.#from);
    this.#log.prepend(...older);
    const [first] = this.#entries;
    if (first && this.#from > 0) this.#dress(first, this.#rows[this.#from], this.#rows[this.#from - 1]);
    this.#entries.unshift(...older);
    this.#from = start;
    for (const entry of this.#entries.splice(MOST_DRAWN)) entry.remove();
  }

  showNewer(count = STEP) {
    const newer = this.#drawn(this.#to, Math.min(this.#to + count, this.#rows.length));
    this.#log.append(...newer);
    this.#entries.push(...newer);
    const excess = Math.max(0, this.#entries.length - MOST_DRAWN);
    for (const entry of this.#entries.splice(0, excess)) entry.remove();
    this.#from += excess;
  }

  /** Draw all rows, for a moment: the next change of what is drawn takes away those that are too many. */
  showAll() {
    const [older, newer] = [this.#drawn(0, this.#from), this.#drawn(this.#to, this.#rows.length)];
    this.#log.prepend(...older);
    this.#log.append(...newer);
    this.#entries = [...older, ...this.#entries, ...newer];
    if (older.length) this.#dress(this.#entries[older.length], this.#rows[older.length], this.#rows[older.length - 1]);
    this.#from = 0;
  }

  /** Forget the oldest rows. */
  trim() {
    const excess = this.#rows.length - KEPT_AFTER_TRIM;
    this.#rows.splice(0, excess);
    for (const entry of this.#entries.splice(0, Math.max(0, excess - this.#from))) entry.remove();
    this.#from = Math.max(0, this.#from - excess);
    if (this.#entries.length && !this.#from) this.#dress(this.#entries[0], this.#rows[0], null);
  }

  get #to() {
    return this.#from + this.#entries.length;
  }

  #show(start, end) {
    this.#from = Math.max(0, start);
    this.#entries = this.#drawn(this.#from, end);
    this.#log.replaceChildren(...this.#entries);
  }

  #drawn(start, end) {
    return this.#rows.slice(start, end).map((row, index) => {
      const entry = this.#draw(row);
      this.#dress(entry, row, this.#rows[start + index - 1] ?? null);
      return entry;
    });
  }
}
