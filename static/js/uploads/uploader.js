// The entry to everything about sending files. The room's page loads it when the first file is chosen, or when an earlier
// page of this browser left uploads under way.

import { Component } from "../lib/component.js";
import { PendingUploads } from "./pending_uploads.js";
import { Tray } from "./tray.js";
import { UploadApi } from "./upload_api.js";
import { UploadStore } from "./upload_store.js";
import { Uploads } from "./uploads.js";

export class Uploader extends Component {
  static needs = ["user", "room", "urls", "privateMessages", "outbox", "composer", "attachments", "signal"];

  #tray;
  #uploads = new Uploads({
    store: new UploadStore(`${this.user.id}:${this.room.id}`),
    apiFor: (recipient) => this.#apiFor(recipient),
    signal: this.signal,
    deliver: ({ client_id, caption, to }, attachment) => this.outbox.add(caption, to, { client_id, attachment }),
  });

  constructor(page) {
    super(page);
    this.#tray = new Tray(page);
    this.#tray.addEventListener("change", () => this.composer.focus());
    this.#uploads.addEventListener("change", () => this.attachments.setUnderWay(this.#uploads.entries.length > 0));
    new PendingUploads(page, this.#uploads);
    this.#uploads.restore();
  }

  get hasChosen() {
    return !this.#tray.isEmpty;
  }

  choose(files) {
    this.#tray.add(files);
  }

  send(caption, recipient) {
    this.#uploads.add({ files: this.#tray.takeAll(), caption, to: recipient });
  }

  /** The address of the files of this room, or of the direct room with `recipient`. */
  async #apiFor(recipient) {
    const { room, urls } = this;
    const id = recipient ? await this.privateMessages.directRoomWith(recipient) : room.id;
    return new UploadApi(urls.files.replace(room.id, id));
  }
}
