// What is under way, kept so that a later page of this browser can take it up: by one of them at a time.

import { claim } from "./upload_lock.js";

const FORGOTTEN_MS = 7 * 24 * 60 * 60 * 1000;
const FACTS = ["client_id", "caption", "to", "at", "batch", "name", "size", "type", "modified", "upload"];

export class Keeping {
  #shelf;

  constructor(shelf) {
    this.#shelf = shelf;
  }

  /** Keep the upload until its controller aborts; promise whether the file itself could be kept. */
  async keep(entry) {
    claim(entry.client_id, entry.controller.signal);
    const isKept = await this.keepFile(entry);
    await this.keepFacts(entry);
    // Sent, or taken back, while it was being written.
    if (entry.controller.signal.aborted) await this.#shelf.remove(entry.client_id);
    return isKept;
  }

  keepFile({ client_id: id, file }) {
    return this.#shelf.keepFile(id, file);
  }

  keepFacts(entry) {
    return this.#shelf.keep(Object.fromEntries(FACTS.map((name) => [name, entry[name]])));
  }

  forget({ client_id: id, controller }) {
    controller.abort();
    return this.#shelf.remove(id);
  }

  /** Call `take(facts, controller)` for each that an earlier page began, once no other has it; promise their number. */
  async takeUp(take) {
    const kept = await this.#shelf.all();
    for (const { client_id: id } of kept) this.#takeUpOne(id, take);
    return kept.length;
  }

  async #takeUpOne(id, take) {
    const controller = new AbortController();
    await claim(id, controller.signal);
    // As the page that had it last left it.
    const facts = (await this.#shelf.all()).find((kept) => kept.client_id === id);
    if (facts && Date.now() - facts.at < FORGOTTEN_MS) return take(facts, controller);
    return this.forget({ client_id: id, controller });
  }
}
