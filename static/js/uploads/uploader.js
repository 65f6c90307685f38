// Sending files, from the tray to the outbox. The room's page loads this when the first file is chosen, or when an earlier
// page of this browser left something on its way.

import { Bubbles } from "./pending_uploads.js";
import { Keeping } from "./upload_store.js";
import { Shelf } from "./upload_database.js";
import { Tray } from "./tray.js";
import { Uploads } from "./uploads.js";
import { Wire } from "./upload_api.js";

const UNDER_WAY = "underWay";

export class Desk {
  #tray;
  #uploads;

  /** `store` remembers that something is under way; `talkWith(person)` promises the id of the talk with them. */
  constructor({ parts, limits, owner, store, filesUrl, talkWith, outbox, ...page }) {
    this.#tray = new Tray({ tray: parts.tray, trayProblem: parts.trayProblem, limits });
    this.#uploads = new Uploads({
      keeping: new Keeping(new Shelf(owner)),
      wireTo: async (person) => new Wire(filesUrl(person && (await talkWith(person)))),
      deliver: ({ client_id: id, caption, to }, attachment) => outbox.add(caption, to, { client_id: id, attachment }),
    });
    this.#uploads.addEventListener("change", () => {
      const isUnderWay = this.#uploads.entries.length > 0;
      if (isUnderWay === Boolean(store.get(UNDER_WAY))) return;
      if (isUnderWay) store.set(UNDER_WAY, true);
      else store.remove(UNDER_WAY);
    });
    new Bubbles({ place: parts.uploads, uploads: this.#uploads, ...page });
    this.#tray.addEventListener("change", () => page.composer.focus());
    this.#uploads.restore();
  }

  get hasChosen() {
    return !this.#tray.isEmpty;
  }

  choose(files) {
    this.#tray.add(files);
  }

  send(caption, to) {
    this.#uploads.add({ files: this.#tray.take(), caption, to });
  }
}
