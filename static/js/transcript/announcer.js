// Reads new messages, and what else happens unseen, out to users of a screen reader, without flooding them.
//
// The transcript itself is no live region (aria-live="off"). A screen reader queues every row that a live region gains,
// and speaks for about three seconds each: at ten messages a second it would be a minute behind after two, could not be
// stopped, and would drown what the user types. So one status line is the live region: it has the text of one or two
// messages, or the number of more ("12 new messages"), and changes only after there was time to hear it. The rows stay
// in the transcript, to be read in peace.

import { Component } from "../lib/component.js";
import { withoutMarks } from "./formatter.js";
import { isMessage } from "./message.js";

// Messages that come within this time are announced together.
const GATHER_MS = 400;
const PAUSE_MS = 4000;

export class Announcer extends Component {
  static targets = ["announcer"];
  static needs = ["transcript", "user", "blockedUsers", "privateMessages"];

  // Rows and sentences that wait.
  #rows = [];
  #sentences = [];
  #timer = null;

  constructor(page) {
    super(page);
    this.transcript.addEventListener("drawn", ({ detail: rows }) => this.#add(rows.filter(isMessage)));
    this.privateMessages.addEventListener("delivered", ({ detail: entry }) => this.#add([{ ...entry, author: this.user }]));
  }

  /** Have a sentence read out that tells what users can see otherwise. */
  say(sentence) {
    this.#sentences.push(sentence);
    this.#speakSoon();
  }

  #add(rows) {
    this.#rows.push(...rows.filter((row) => this.#isAnnounced(row)));
    if (this.#rows.length) this.#speakSoon();
  }

  /** What the user wrote is known to them. That a file has been sent is news: it took a while. */
  #isAnnounced({ author, redacted, attachment }) {
    if (author?.id === this.user.id) return Boolean(attachment);
    return !redacted && !this.blockedUsers.has(author?.id);
  }

  #speakSoon() {
    this.#timer ??= setTimeout(() => this.#speak(), GATHER_MS);
  }

  async #speak() {
    const [rows, sentences] = [this.#rows, this.#sentences];
    [this.#rows, this.#sentences] = [[], []];
    const isAny = rows.length + sentences.length > 0;
    this.#timer = isAny ? setTimeout(() => this.#speak(), PAUSE_MS) : null;
    if (rows.length) sentences.push(...(await this.#announcementOf(rows)));
    // In the end it is empty: words that are still here when a dialog closes are read out again by some.
    this.announcerTarget.textContent = sentences.join("\n");
  }

  async #announcementOf(rows) {
    try {
      const { announcementOf } = await import("./announcements.js");
      return await announcementOf(rows, { user: this.user, withoutMarks });
    } catch {
      // The server is away. The rows can be read in the transcript.
      return [];
    }
  }
}
