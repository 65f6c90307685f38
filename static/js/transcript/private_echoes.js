// What this person said privately from this page: shown where it was said, to them alone, as long as this browser's tab
// lives. The words themselves are in the private talk.

import { element } from "../lib/dom.js";
import { drawTalk, talkRow } from "./message.js";

const MOST_KEPT = 100;

export class Asides {
  #store;
  #transcript;
  #scroller;
  #you;
  #times;
  // client_id → {after, entry}: `after` is the seq of the row under which it stands
  #shown = new Map();

  constructor({ store, transcript, scroller, you, times }) {
    this.#store = store;
    this.#transcript = transcript;
    this.#scroller = scroller;
    this.#you = you;
    this.#times = times;
    const kept = store.keys().map((id) => ({ client_id: id, ...store.get(id) }));
    for (const aside of kept.sort((a, b) => a.at - b.at)) this.#draw(aside);
    for (const name of ["drawn", "moved", "trimmed"]) transcript.addEventListener(name, () => this.#place());
    this.#place();
  }

  /** The entry of the outbox has arrived: it stays after what is the newest row now. */
  add({ client_id: id, body, at, to, attachment }) {
    if (this.#shown.has(id)) return;
    const aside = { body, at, to, attachment, after: this.#transcript.newest?.seq ?? 0 };
    this.#store.set(id, aside);
    this.#draw({ client_id: id, ...aside });
    for (const old of [...this.#shown.keys()].slice(0, -MOST_KEPT)) this.#forget(old);
    this.#place();
  }

  #draw({ client_id: id, body, at, to, attachment, after }) {
    const row = talkRow({ author: this.#you, body, to, at, attachment });
    const entry = element("div", "entry is-aside", drawTalk(row, { you: this.#you, times: this.#times }));
    entry.dataset.clientId = id;
    this.#shown.set(id, { after, entry });
  }

  #forget(id) {
    this.#shown.get(id).entry.remove();
    this.#shown.delete(id);
    this.#store.remove(id);
  }

  /** Each after its row, as far as the page shows that one; in the order in which they were said. */
  #place() {
    const last = new Map();
    for (const { after, entry } of this.#shown.values()) {
      const anchor = last.get(after) ?? document.getElementById(`m${after}`);
      if (!anchor) entry.remove();
      else if (anchor.nextElementSibling !== entry) this.#scroller.keepingPlace(() => anchor.after(entry));
      if (anchor) last.set(after, entry);
      // The next row is under this one now, and not under the name that it continued.
      if (anchor) entry.nextElementSibling?.classList.remove("is-continued", "is-same-minute");
    }
  }
}
