// What the room can do with files, loaded when it is first wanted: most visits want none of it.

import { say } from "../lib/strings.js";

const UNDER_WAY = "underWay";

export class Files {
  #page;
  #tell;
  #desk = null;
  #isLoading = false;

  /** `page` is what the desk works with (js/uploads/uploader.js); `tell(sentence)` says what went wrong. */
  constructor(page) {
    this.#page = page;
    this.#tell = page.tell;
    if (page.store.get(UNDER_WAY)) this.#load();
  }

  /** Files are chosen: what is sent now goes with them. */
  get hasChosen() {
    return this.#desk?.hasChosen ?? false;
  }

  /** Files are about to be shown as chosen: who sends now would send the words alone. */
  get isLoading() {
    return this.#isLoading;
  }

  async choose(files) {
    (await this.#load())?.choose(files);
  }

  send(caption, to) {
    this.#desk.send(caption, to);
  }

  async #load() {
    this.#isLoading = this.#desk === null;
    try {
      const { Desk } = await import("../uploads/uploader.js");
      this.#desk ??= new Desk(this.#page);
      return this.#desk;
    } catch {
      this.#tell(say("try_later"));
      return null;
    } finally {
      this.#isLoading = false;
    }
  }
}
