// The room's log as this page has it: rows in the order of `seq`, each once, without a gap, whatever the connection did.

// A row that is missing may be on its way behind the one that told of it.
const PATIENCE_MS = 700;
const RETRY_MS = 3000;

/**
 * Fires `rows` (detail: the new rows, in order), and `reset` (detail: {messages, more}) when the page must start anew.
 * `fetchAfter({seq, hash})` asks the server for the rows after that one.
 */
export class Feed extends EventTarget {
  #last;
  #ahead = new Map();
  #goal = 0;
  #fetchAfter;
  #timer = null;
  #isFilling = false;
  // Counts resets: an answer to a question asked before one is about another log.
  #age = 0;

  constructor(messages, { fetchAfter }) {
    super();
    this.#fetchAfter = fetchAfter;
    this.#last = cursorOf(messages.at(-1));
  }

  /** Where to go on from after a reconnect: {seq, hash} of the newest row. */
  get cursor() {
    return this.#last;
  }

  get age() {
    return this.#age;
  }

  apply(rows) {
    for (const row of rows) {
      if (row.seq > this.#last.seq) this.#ahead.set(row.seq, row);
    }
    const next = [];
    for (let row; (row = this.#ahead.get(this.#last.seq + 1)); ) {
      this.#ahead.delete(row.seq);
      this.#last = cursorOf(row);
      next.push(row);
    }
    if (next.length) this.dispatchEvent(new CustomEvent("rows", { detail: next }));
    if (this.#ahead.size) this.expect(Math.max(...this.#ahead.keys()));
  }

  /** The log is at least this long: what does not come by itself is fetched. */
  expect(seq) {
    this.#goal = Math.max(this.#goal, seq);
    if (this.#goal > this.#last.seq) this.#fillIn(PATIENCE_MS);
  }

  /** Forget everything and go on from the newest page: the server's log is not the one that we knew. */
  reset({ messages, more }) {
    this.#age += 1;
    this.#ahead.clear();
    this.#goal = 0;
    this.#last = cursorOf(messages.at(-1));
    this.dispatchEvent(new CustomEvent("reset", { detail: { messages, more } }));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#age += 1;
    this.#goal = 0;
  }

  #fillIn(waitMs) {
    if (this.#timer !== null || this.#isFilling) return;
    const { seq } = this.#last;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#goal <= this.#last.seq) return;
      // Rows are still coming by themselves: nothing is missing yet.
      if (this.#last.seq > seq && !this.#ahead.size) this.#fillIn(PATIENCE_MS);
      else this.#fill();
    }, waitMs);
  }

  async #fill() {
    const age = this.#age;
    this.#isFilling = true;
    try {
      for (let more = true; more && this.#goal > this.#last.seq; ) {
        const page = await this.#fetchAfter(this.#last);
        if (age !== this.#age) return;
        if (page.reset) return this.reset(page);
        more = page.more;
        this.apply(page.messages);
      }
    } catch {
      // The connection is away or the room is closed to us. The transport says so to the person; we ask again.
      if (age === this.#age) setTimeout(() => this.expect(this.#goal), RETRY_MS);
    } finally {
      this.#isFilling = false;
    }
  }
}

function cursorOf(row) {
  return row ? { seq: row.seq, hash: row.hash } : { seq: 0, hash: "" };
}
