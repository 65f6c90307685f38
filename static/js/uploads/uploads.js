// The files that the user is sending: several at once, each kept over a reload.

import { randomId } from "../lib/ids.js";
import { Speed } from "./speed.js";
import { FileGone, Upload } from "./upload.js";

// Files of one message go one after the other, so that they arrive in their order; those of other messages at once.
const MOST_BATCHES = 3;
// As for the outbox: an upload that was left for longer than this is not sent without its author.
const STALE_MS = 12 * 60 * 60 * 1000;
// The states in which a file is on its way.
const BUSY = new Set(["moving", "finishing"]);

/**
 * An entry has its facts (upload_store.js), and {file, controller, state, sent, isWaiting, detail, speed, isKept}. Its
 * state is "queued", "moving", "finishing", "failed", or "missing" when the browser can no longer read the file. Fires
 * `change`.
 */
export class Uploads extends EventTarget {
  #entries = new Map();
  #store;
  #apiFor;
  #deliver;

  /** `apiFor(recipient)` promises an `UploadApi`, for null that of the room; `deliver(entry, attachment)` posts it; `signal` ends its life. */
  constructor({ store, apiFor, deliver, signal }) {
    super();
    this.#store = store;
    this.#apiFor = apiFor;
    this.#deliver = deliver;
    addEventListener("beforeunload", (event) => this.#wouldLose && event.preventDefault(), { signal });
  }

  get entries() {
    return [...this.#entries.values()];
  }

  /** Send these files; the caption goes with the first of them. */
  add({ files, caption, to }) {
    const batch = randomId();
    files.forEach((file, index) => {
      const { name, size, type, lastModified: modified } = file;
      const facts = { client_id: randomId(), caption: index ? "" : caption, to, at: Date.now(), batch, upload: null };
      const entry = this.#enter({ ...facts, name, size, type, modified, file }, new AbortController());
      this.#store.keep(entry).then((isKept) => Object.assign(entry, { isKept }));
    });
    this.#pump();
  }

  /** Go on with what an earlier page of this browser began. */
  async restore() {
    const count = await this.#store.takeOver((facts, controller) => {
      const entry = this.#enter({ ...facts, isKept: facts.file !== null }, controller);
      if (!entry.file) entry.state = "missing";
      else if (Date.now() - entry.at > STALE_MS) entry.state = "failed";
      this.#changed();
      this.#pump();
    });
    if (!count) this.#changed();
  }

  cancel(id) {
    const entry = this.#entries.get(id);
    this.#drop(entry);
    // If the server does not learn of it now, it deletes the upload some day.
    if (entry.upload) this.#apiFor(entry.to).then((api) => api.remove(entry.upload)).catch(() => {});
    this.#pump();
  }

  retry(id) {
    this.#set(this.#entries.get(id), { state: "queued", detail: "" });
    this.#pump();
  }

  /** The user has chosen the file of a "missing" entry again. Returns whether it is the same file. */
  chooseAgain(id, file) {
    const entry = this.#entries.get(id);
    if (file.name !== entry.name || file.size !== entry.size) return false;
    // It may have changed at the same size: what has arrived of the old file may not be its beginning.
    if (file.lastModified !== entry.modified) Object.assign(entry, { upload: null, modified: file.lastModified });
    entry.file = file;
    this.#store.keepFacts(entry);
    this.#store.keepFile(entry).then((isKept) => Object.assign(entry, { isKept }));
    this.retry(id);
    return true;
  }

  get #wouldLose() {
    return this.entries.some(({ isKept, state }) => !isKept && state !== "missing");
  }

  #enter(facts, controller) {
    const news = { state: "queued", sent: 0, isWaiting: false, detail: "", speed: new Speed(), isKept: false };
    const entry = { ...news, ...facts, controller };
    this.#entries.set(entry.client_id, entry);
    this.#changed();
    return entry;
  }

  #pump() {
    const busy = this.entries.filter(({ state }) => BUSY.has(state)).map(({ batch }) => batch);
    for (const entry of this.entries) {
      if (entry.state !== "queued" || busy.includes(entry.batch) || busy.length >= MOST_BATCHES) continue;
      busy.push(entry.batch);
      this.#start(entry);
    }
  }

  async #start(entry) {
    const { file, upload: known, to, controller: { signal } } = entry;
    this.#set(entry, { state: "moving" });
    const tell = (news) => this.#update(entry, news);
    try {
      const attachment = await new Upload({ file, known, api: () => this.#apiFor(to), tell, signal }).run();
      this.#deliver(entry, attachment);
      this.#drop(entry);
    } catch (error) {
      // Its owner cancelled it.
      if (signal.aborted) return;
      const state = error instanceof FileGone ? "missing" : "failed";
      this.#set(entry, { state, isWaiting: false, detail: error.message });
    }
    this.#pump();
  }

  #update(entry, { id, isFinishing, ...news }) {
    // Cancelled: news of it would bring it back.
    if (entry.controller.signal.aborted) return;
    if (id !== undefined && entry.upload !== id) {
      entry.upload = id;
      this.#store.keepFacts(entry);
    }
    if (news.sent !== undefined) entry.speed.mark(news.sent);
    if (news.sent !== undefined || isFinishing) news.state = isFinishing ? "finishing" : "moving";
    if (news.isWaiting) entry.speed.pause();
    // Bytes move: the connection is back.
    this.#set(entry, { isWaiting: false, ...news });
  }

  #drop(entry) {
    this.#entries.delete(entry.client_id);
    this.#store.forget(entry);
    this.#changed();
  }

  #set(entry, news) {
    Object.assign(entry, news);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
