// One file's way to the server: begun, sent piece by piece, finished; through lost lines, a server that restarts, and
// pages that are reloaded. It stops for its owner, and for a no that waiting would not change.

import { Backoff } from "../lib/backoff.js";

// Pieces grow over a good line and shrink over a bad one, on which a large one would never get through whole.
const FIRST_PIECE = 1024 * 1024;
// The server takes no smaller one, but for the last.
const LEAST_PIECE = 256 * 1024;
const GOOD_MS = 5000;
const LONGEST_PAUSE_MS = 20_000;
const UNKNOWN = "no_such_file";
const WRONG_OFFSET = "wrong_offset";
const INCOMPLETE = "incomplete";
const TOO_FAST = 429;
const FULL = 507;

/** The browser cannot read the file any more: it was changed or moved, or the page was reloaded without it. */
export class FileGone extends Error {}

/**
 * Send `file`, and promise what `finish` answers. `known` is the upload's id of an earlier try. `wire()` promises where to
 * send to; `tell` is given {id}, {sent}, {isWaiting, detail} and {isFinishing} as they come.
 */
export class Upload {
  #file;
  #wire;
  #tell;
  #signal;
  #id;
  #most = FIRST_PIECE;
  #piece = FIRST_PIECE;
  #backoff = new Backoff({ mostMs: LONGEST_PAUSE_MS });

  constructor({ file, known, wire, tell, signal }) {
    this.#file = file;
    this.#id = known;
    this.#wire = wire;
    this.#tell = tell;
    this.#signal = signal;
  }

  async run() {
    for (;;) {
      try {
        return await this.#try();
      } catch (error) {
        this.#signal.throwIfAborted();
        await this.#checkFile();
        await this.#afterRefusal(error);
      }
    }
  }

  async #try() {
    const wire = await this.#wire();
    let offset = this.#id ? await this.#resume(wire) : await this.#begin(wire);
    this.#tell({ sent: offset, isWaiting: false, detail: "" });
    while (offset < this.#file.size) offset = await this.#sendFrom(offset, wire);
    this.#tell({ isFinishing: true });
    const attachment = await wire.finish(this.#id);
    this.#signal.throwIfAborted();
    return attachment;
  }

  async #resume(wire) {
    const { offset, chunk } = await wire.where(this.#id);
    this.#most = chunk;
    return offset;
  }

  async #begin(wire) {
    const { name, size, type } = this.#file;
    const { id, offset, chunk } = await wire.create({ name, size, type });
    this.#id = id;
    this.#most = chunk;
    this.#tell({ id });
    // Taken back while the server made room for it.
    if (this.#signal.aborted) await wire.remove(id);
    this.#signal.throwIfAborted();
    return offset;
  }

  async #sendFrom(offset, wire) {
    const began = performance.now();
    const piece = this.#file.slice(offset, offset + this.#piece);
    const onSent = (bytes) => this.#tell({ sent: offset + Math.min(bytes, piece.size) });
    const next = await wire.send(this.#id, offset, piece, { signal: this.#signal, onSent });
    this.#signal.throwIfAborted();
    this.#tell({ sent: next });
    this.#backoff.reset();
    if (performance.now() - began < GOOD_MS) this.#piece = Math.min(this.#piece * 2, this.#most);
    return next;
  }

  /** A file that cannot be read looks to XMLHttpRequest like a lost line. */
  async #checkFile() {
    try {
      await this.#file.slice(0, 1).arrayBuffer();
    } catch {
      throw new FileGone();
    }
  }

  async #afterRefusal(error) {
    const { status, code, isPassing, retryAfterMs, message } = error;
    // Where it stands is asked anew.
    if (code === WRONG_OFFSET || code === INCOMPLETE) return this.#pause(0);
    if (code === UNKNOWN && this.#id) {
      // It lay about for so long that the server swept it.
      this.#id = null;
      return this.#tell({ id: null, sent: 0 });
    }
    if (!isPassing || status === FULL) throw error;
    if (status !== TOO_FAST) this.#piece = Math.max(this.#piece / 2, LEAST_PIECE);
    this.#tell({ isWaiting: true, detail: message });
    return this.#pause(retryAfterMs ?? 0);
  }

  /** Wait a growing while, or until the network is back; at once where the owner has had enough. */
  #pause(leastMs) {
    return new Promise((resolve, reject) => {
      const go = new AbortController();
      const done = (settle) => {
        clearTimeout(timer);
        go.abort();
        settle();
      };
      const timer = setTimeout(() => done(resolve), leastMs + this.#backoff.next());
      globalThis.addEventListener?.("online", () => done(resolve), { signal: go.signal });
      this.#signal.addEventListener("abort", () => done(() => reject(this.#signal.reason)), { signal: go.signal });
    });
  }
}
