// Reads new rows to a screen reader, and does not flood it.
//
// The transcript itself is no live region (aria-live="off"). A screen reader puts every row that a live region gains into
// its queue, and speaks for about three seconds each: at ten messages a second it would be a minute behind after two,
// could not be stopped, and would drown what the person types. So one status line speaks instead: a message or two with
// their words, more of them as a number ("12 new messages"), and not again before it could be heard. The rows stay in
// the transcript, to be read in peace.

import { shownName } from "../files/file_card.js";
import { nameOf } from "../lib/users.js";
import { say } from "../lib/strings.js";
import { isTalk } from "./message.js";

// What comes together is told together.
const GATHER_MS = 400;
const PAUSE_MS = 4000;
const MOST_READ_OUT = 2;
const MOST_LETTERS = 200;

export class Announcer {
  #place;
  #you;
  #blocks;
  #coming = [];
  #timer = null;

  constructor({ place, transcript, you, blocks }) {
    this.#place = place;
    this.#you = you;
    this.#blocks = blocks;
    transcript.addEventListener("drawn", ({ detail: rows }) => this.#heard(rows));
  }

  #heard(rows) {
    this.#coming.push(...rows.filter((row) => this.#isHeard(row)));
    if (this.#coming.length) this.#timer ??= setTimeout(() => this.#speak(), GATHER_MS);
  }

  #isHeard(row) {
    return isTalk(row) && !row.redacted && row.author?.id !== this.#you.id && !this.#blocks.has(row.author?.id);
  }

  #speak() {
    const rows = this.#coming;
    this.#coming = [];
    this.#timer = rows.length ? setTimeout(() => this.#speak(), PAUSE_MS) : null;
    if (!rows.length) return;
    const count = rows.length;
    const sentences = count > MOST_READ_OUT ? [say("new_messages", { count })] : rows.map(spoken);
    this.#place.textContent = sentences.join("\n");
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
