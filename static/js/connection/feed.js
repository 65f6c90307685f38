// The room's log as this page has it: rows in the order of `seq`, each once, without a gap, whatever the connection does.

// A missing row may arrive just after the one that showed the gap.
const PATIENCE_MS = 700;
const RETRY_MS = 3000;

/**
 * Fires `rows` (detail: the new rows, in order), and `reset` (detail: {messages, more, pins}) when the page must start
 * anew. `fetchAfter({seq, hash})` asks the server for the rows after that one.
 */
export class Feed extends EventTarget {
  #last;
  #ahead = new Map();
  #goal = 0;
  #fetchAfter;
  #timer = null;
  #isFilling = false;
  // Counts resets: an answer to a request from before a reset is about another log.
  #age = 0;

  /** The page knows the log up to the row `cursor`, {seq, hash}. */
  constructor(cursor, { fetchAfter }) {
    super();
    this.#fetchAfter = fetchAfter;
    this.#last = cursor;
  }

  /** Where a reconnect goes on from: {seq, hash} of the newest row before any gap. */
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
      this.#last = { seq: row.seq, hash: row.hash };
      next.push(row);
    }
    if (next.length) this.dispatchEvent(new CustomEvent("rows", { detail: next }));
    if (this.#ahead.size) this.expect(Math.max(...this.#ahead.keys()));
  }

  /** The log has at least this row: rows that do not come by themselves are fetched. */
  expect(seq) {
    this.#goal = Math.max(this.#goal, seq);
    if (this.#goal > this.#last.seq) this.#fillIn(PATIENCE_MS);
  }

  /** Forget everything and go on from the newest page: the server's log is not the one that this page knew. */
  reset({ messages, more, head, hash, pins = null }) {
    this.#age += 1;
    this.#ahead.clear();
    this.#goal = 0;
    // The head may be a row that is not drawn, and so none of the messages. (A process of before, in the middle of a
    // rolling restart, tells none.)
    const newest = messages.at(-1);
    this.#last = hash ? { seq: head, hash } : { seq: newest?.seq ?? 0, hash: newest?.hash ?? "" };
    this.dispatchEvent(new CustomEvent("reset", { detail: { messages, more, pins } }));
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
      // Rows still arrive by themselves: nothing is missing yet.
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
      // The server is away, or the room is closed to this user. The connection tells the user; this asks again.
      if (age === this.#age) setTimeout(() => this.expect(this.#goal), RETRY_MS);
    } finally {
      this.#isFilling = false;
    }
  }
}
