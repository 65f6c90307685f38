// The upload of one file: begun, sent piece by piece, and finished; over lost connections, restarts of the server and
// reloads of the page. It stops when its owner cancels it, and at a refusal that waiting would not change.

import { Backoff } from "../lib/backoff.js";

// Pieces grow on a good connection and shrink on a bad one, over which a large piece would never get through whole.
const FIRST_PIECE = 1024 * 1024;
// The server takes no smaller piece, except for the last.
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
 * `known` is the id of the upload that an earlier page began, or null. `api()` promises the `UploadApi` to send by.
 * `tell(news)` is called with {id}, {sent}, {isWaiting, detail} or {isFinishing}; `sent` is in bytes.
 */
export class Upload {
  #file;
  #api;
  #tell;
  #signal;
  #id;
  #most = FIRST_PIECE;
  #piece = FIRST_PIECE;
  #backoff = new Backoff({ mostMs: LONGEST_PAUSE_MS });

  constructor({ file, known, api, tell, signal }) {
    this.#file = file;
    this.#id = known;
    this.#api = api;
    this.#tell = tell;
    this.#signal = signal;
  }

  /**
   * Promise the attachment that the server makes of the file. It waits and tries again without limit. Rejects with the
   * reason of `signal` when that aborts, with `FileGone`, or with the `ApiError` of a refusal.
   */
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
    const api = await this.#api();
    let offset = this.#id ? await this.#resume(api) : await this.#begin(api);
    this.#tell({ sent: offset, isWaiting: false, detail: "" });
    while (offset < this.#file.size) offset = await this.#sendFrom(offset, api);
    this.#tell({ isFinishing: true });
    const attachment = await api.finish(this.#id);
    this.#signal.throwIfAborted();
    return attachment;
  }

  async #resume(api) {
    const { offset, chunk } = await api.status(this.#id);
    this.#most = chunk;
    return offset;
  }

  async #begin(api) {
    const { name, size, type } = this.#file;
    const { id, offset, chunk } = await api.create({ name, size, type });
    this.#id = id;
    this.#most = chunk;
    this.#tell({ id });
    // Cancelled while the server prepared it.
    if (this.#signal.aborted) await api.remove(id);
    this.#signal.throwIfAborted();
    return offset;
  }

  async #sendFrom(offset, api) {
    const began = performance.now();
    const piece = this.#file.slice(offset, offset + this.#piece);
    const onSent = (bytes) => this.#tell({ sent: offset + Math.min(bytes, piece.size) });
    const next = await api.send(this.#id, offset, piece, { signal: this.#signal, onSent });
    this.#signal.throwIfAborted();
    this.#tell({ sent: next });
    this.#backoff.reset();
    if (performance.now() - began < GOOD_MS) this.#piece = Math.min(this.#piece * 2, this.#most);
    return next;
  }

  /** For XMLHttpRequest a file that cannot be read is the same as a lost connection. */
  async #checkFile() {
    try {
      await this.#file.slice(0, 1).arrayBuffer();
    } catch {
      throw new FileGone();
    }
  }

  async #afterRefusal(error) {
    const { status, code, isPassing, retryAfterMs, message } = error;
    // The next try asks for the offset.
    if (code === WRONG_OFFSET || code === INCOMPLETE) return this.#pause(0);
    if (code === UNKNOWN && this.#id) {
      // The server has deleted it, because nothing came for it for a long time.
      this.#id = null;
      return this.#tell({ id: null, sent: 0 });
    }
    if (!isPassing || status === FULL) throw error;
    if (status !== TOO_FAST) this.#piece = Math.max(this.#piece / 2, LEAST_PIECE);
    this.#tell({ isWaiting: true, detail: message });
    return this.#pause(retryAfterMs ?? 0);
  }

  /** Promise that a wait is over, which grows with each try and ends when the network is back. Rejects when cancelled. */
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
