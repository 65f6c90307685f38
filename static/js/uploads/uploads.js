// What this person is sending: several ways to the server at once, each kept over a reload.

import { randomId } from "../lib/ids.js";
import { Speed } from "./speed.js";
import { FileGone, Upload } from "./upload.js";

// What was sent together goes one after the other, so that it arrives in its order; what was sent later need not wait.
const MOST_LANES = 3;
// As the outbox has it: what was left behind longer ago is not sent behind its author's back.
const STALE_MS = 12 * 60 * 60 * 1000;
// The states in which a lane is taken.
const BUSY = new Set(["moving", "finishing"]);

/**
 * An entry is its facts (keeping.js), and {file, controller, state, sent, isWaiting, detail, speed, isKept}; its state is "queued", "moving",
 * "finishing", "failed", or "missing" where the browser has the file no more. Fires `change`.
 */
export class Uploads extends EventTarget {
  #entries = new Map();
  #keeping;
  #wireTo;
  #deliver;

  /** `wireTo(person)` promises the way to that person, or to the room for null; `deliver(entry, attachment)` posts. */
  constructor({ keeping, wireTo, deliver }) {
    super();
    this.#keeping = keeping;
    this.#wireTo = wireTo;
    this.#deliver = deliver;
    addEventListener("beforeunload", (event) => this.#wouldLose && event.preventDefault());
  }

  get entries() {
    return [...this.#entries.values()];
  }

  /** The caption goes with the first of the files. */
  add({ files, caption, to }) {
    const batch = randomId();
    files.forEach((file, index) => {
      const { name, size, type, lastModified: modified } = file;
      const facts = { client_id: randomId(), caption: index ? "" : caption, to, at: Date.now(), batch, upload: null };
      const entry = this.#enter({ ...facts, name, size, type, modified, file }, new AbortController());
      this.#keeping.keep(entry).then((isKept) => Object.assign(entry, { isKept }));
    });
    this.#pump();
  }

  /** Take up what an earlier page of this browser began. */
  async restore() {
    const count = await this.#keeping.takeUp((facts, controller) => {
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
    // What cannot be told now is swept by the server some day.
    if (entry.upload) this.#wireTo(entry.to).then((wire) => wire.remove(entry.upload)).catch(() => {});
    this.#pump();
  }

  retry(id) {
    this.#become(this.#entries.get(id), { state: "queued", detail: "" });
    this.#pump();
  }

  /** The person has shown us the file again; say whether it is the same. */
  chooseAgain(id, file) {
    const entry = this.#entries.get(id);
    if (file.name !== entry.name || file.size !== entry.size) return false;
    // Perhaps other words of the same length: what has arrived of the old ones may not be their beginning.
    if (file.lastModified !== entry.modified) Object.assign(entry, { upload: null, modified: file.lastModified });
    entry.file = file;
    this.#keeping.keepFacts(entry);
    this.#keeping.keepFile(entry).then((isKept) => Object.assign(entry, { isKept }));
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
      if (entry.state !== "queued" || busy.includes(entry.batch) || busy.length >= MOST_LANES) continue;
      busy.push(entry.batch);
      this.#start(entry);
    }
  }

  async #start(entry) {
    const { file, upload: known, to, controller: { signal } } = entry;
    this.#become(entry, { state: "moving" });
    const tell = (news) => this.#heard(entry, news);
    try {
      const attachment = await new Upload({ file, known, wire: () => this.#wireTo(to), tell, signal }).run();
      this.#deliver(entry, attachment);
      this.#drop(entry);
    } catch (error) {
      // Its owner took it back.
      if (signal.aborted) return;
      const state = error instanceof FileGone ? "missing" : "failed";
      this.#become(entry, { state, isWaiting: false, detail: error.message });
    }
    this.#pump();
  }

  #heard(entry, { id, isFinishing, ...news }) {
    // Taken back: what is told of it now would bring it back.
    if (entry.controller.signal.aborted) return;
    if (id !== undefined && entry.upload !== id) {
      entry.upload = id;
      this.#keeping.keepFacts(entry);
    }
    if (news.sent !== undefined) entry.speed.mark(news.sent);
    if (news.sent !== undefined || isFinishing) news.state = isFinishing ? "finishing" : "moving";
    if (news.isWaiting) entry.speed.rest();
    // Something moves: the line is back.
    this.#become(entry, { isWaiting: false, ...news });
  }

  #drop(entry) {
    this.#entries.delete(entry.client_id);
    this.#keeping.forget(entry);
    this.#changed();
  }

  #become(entry, news) {
    Object.assign(entry, news);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
