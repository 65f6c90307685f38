// The private messages that the user sent from this page, shown to them alone, where they sent them, as long as this tab
// lives. The messages themselves are in the direct rooms.

import { Component } from "../lib/component.js";
import { element } from "../lib/dom.js";
import { sessionArea } from "../lib/store.js";
import { drawMessage, ownRow } from "./message.js";

const MOST_KEPT = 100;

export class PrivateEchoes extends Component {
  static needs = ["storeOf", "transcript", "scroller", "feed", "privateMessages", "outbox", "user", "times"];

  // The name that earlier versions of this page used: what they kept stays.
  #store = this.storeOf("asides", sessionArea());
  // client_id → {after, entry}: `after` is the seq of the row above it
  #drawn = new Map();

  constructor(page) {
    super(page);
    const kept = this.#store.keys().map((id) => ({ client_id: id, ...this.#store.get(id) }));
    for (const echo of kept.sort((a, b) => a.at - b.at)) this.#draw(echo);
    for (const name of ["drawn", "moved", "trimmed"]) this.transcript.addEventListener(name, () => this.#place());
    this.privateMessages.addEventListener("delivered", ({ detail: entry }) => {
      this.outbox.delivered(entry);
      this.#add(entry);
    });
    this.#place();
  }

  /** Show the outbox entry after the row that is the newest now. */
  #add({ client_id: id, body, at, to, attachment }) {
    if (this.#drawn.has(id)) return;
    const newest = this.transcript.isLive ? this.transcript.newest : this.feed.cursor;
    const echo = { body, at, to, attachment, after: newest?.seq ?? 0 };
    this.#store.set(id, echo);
    this.#draw({ client_id: id, ...echo });
    for (const old of [...this.#drawn.keys()].slice(0, -MOST_KEPT)) this.#forget(old);
    this.#place();
  }

  #draw({ client_id: id, body, at, to, attachment, after }) {
    const row = ownRow({ author: this.user, body, to, at, attachment });
    const entry = element("div", "entry is-private-echo", drawMessage(row, this));
    entry.dataset.clientId = id;
    this.#drawn.set(id, { after, entry });
  }

  #forget(id) {
    this.#drawn.get(id).entry.remove();
    this.#drawn.delete(id);
    this.#store.remove(id);
  }

  /** Put each below its row, if that is in the document; several below one row in the order in which they were sent. */
  #place() {
    const last = new Map();
    for (const { after, entry } of this.#drawn.values()) {
      const anchor = last.get(after) ?? document.getElementById(`m${after}`);
      if (!anchor) {
        entry.remove();
        continue;
      }
      if (anchor.nextElementSibling !== entry) this.scroller.keepingPlace(() => anchor.after(entry));
      last.set(after, entry);
      // The row below shows its author again: the name above it is another one now.
      entry.nextElementSibling?.classList.remove("is-continued");
    }
  }
}
