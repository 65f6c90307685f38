// Reads new messages out to users of a screen reader, without flooding them.
//
// The transcript itself is no live region (aria-live="off"). A screen reader queues every row that a live region gains,
// and speaks for about three seconds each: at ten messages a second it would be a minute behind after two, could not be
// stopped, and would drown what the user types. So one status line is the live region: it has the text of one or two
// messages, or the number of more ("12 new messages"), and changes only after there was time to hear it. The rows stay
// in the transcript, to be read in peace.

import { shownName } from "../files/file_card.js";
import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { isMessage } from "./message.js";

// Messages that come within this time are announced together.
const GATHER_MS = 400;
const PAUSE_MS = 4000;
const MOST_READ_OUT = 2;
const MOST_LETTERS = 200;

export class Announcer extends Component {
  static targets = ["announcer"];
  static needs = ["transcript", "user", "blockedUsers"];

  #waiting = [];
  #timer = null;

  constructor(page) {
    super(page);
    this.transcript.addEventListener("drawn", ({ detail: rows }) => this.#add(rows));
  }

  #add(rows) {
    this.#waiting.push(...rows.filter((row) => this.#isAnnounced(row)));
    if (this.#waiting.length) this.#timer ??= setTimeout(() => this.#speak(), GATHER_MS);
  }

  #isAnnounced(row) {
    return isMessage(row) && !row.redacted && row.author?.id !== this.user.id && !this.blockedUsers.has(row.author?.id);
  }

  #speak() {
    const rows = this.#waiting;
    this.#waiting = [];
    this.#timer = rows.length ? setTimeout(() => this.#speak(), PAUSE_MS) : null;
    if (!rows.length) return;
    const count = rows.length;
    const sentences = count > MOST_READ_OUT ? [say("new_messages", { count })] : rows.map(spoken);
    this.announcerTarget.textContent = sentences.join("\n");
  }
}

function spoken({ author, body, attachment }) {
  const letters = [...body];
  const words = letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS).join("")}…` : body;
  const name = author ? nameOf(author) : say("somebody");
  if (!attachment) return say("spoken", { name, words });
  const file = shownName(attachment.name);
  return [say("spoken_file", { name, file }), words].filter(Boolean).join(" ");
}
