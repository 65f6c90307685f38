// The files that go with a message. The code for them (js/uploads/) is loaded when it is first needed.

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";
import { drawMessage, ownRow } from "../transcript/message.js";

const UNDER_WAY = "underWay";

export class Attachments extends Component {
  static needs = ["user", "times", "storeOf", "toast"];

  #page;
  #store = this.storeOf("files");
  #uploader = null;
  #isLoading = false;

  constructor(page) {
    super(page);
    this.#page = page;
    // An earlier page of this browser left uploads under way.
    if (this.#store.get(UNDER_WAY)) this.#load();
  }

  /** Files are chosen: the next message goes with them. */
  get hasChosen() {
    return this.#uploader?.hasChosen ?? false;
  }

  /** Files are about to be shown as chosen: a message that is sent now would go without them. */
  get isLoading() {
    return this.#isLoading;
  }

  /** Files are chosen or on their way. */
  get isBusy() {
    return this.hasChosen || this.#isLoading || Boolean(this.#store.get(UNDER_WAY));
  }

  async choose(files) {
    (await this.#load())?.choose(files);
  }

  /** Send the chosen files to `recipient`, null for everyone; `caption` may be "". */
  send(caption, recipient) {
    this.#uploader.send(caption, recipient);
  }

  /** The next page of this browser is to know whether there is something to go on with. */
  setUnderWay(isUnderWay) {
    if (isUnderWay === Boolean(this.#store.get(UNDER_WAY))) return;
    if (isUnderWay) this.#store.set(UNDER_WAY, true);
    else this.#store.remove(UNDER_WAY);
  }

  /** The message of an upload, without its file. (Here because what is loaded later gets no copy of the formatter.) */
  drawCaption({ caption: body, to, at }) {
    return drawMessage(ownRow({ author: this.user, body, to, at, kind: "file" }), this);
  }

  async #load() {
    this.#isLoading = this.#uploader === null;
    try {
      const { Uploader } = await import("../uploads/uploader.js");
      this.#uploader ??= new Uploader(this.#page);
      return this.#uploader;
    } catch {
      this.toast.show(say("try_later"));
      return null;
    } finally {
      this.#isLoading = false;
    }
  }
}
