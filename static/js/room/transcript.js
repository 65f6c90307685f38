// The rows that the page shows, oldest first.

import { onNextFrame } from "../lib/frame.js";
import { drawRow, dress, fold, isTalk, renameIn } from "./message.js";

// A page that stays open for days keeps so many rows; older ones come back by scrolling up.
const MOST_ROWS = 1200;
const ROWS_AFTER_TRIM = 400;

/** Fires `drawn` (detail: the rows that came at the end), `prepended`, and `trimmed` when old rows were let go. */
export class Transcript extends EventTarget {
  #log;
  #empty;
  #scroller;
  #you;
  #times;
  #blocks;
  // {row, entry}, in order.
  #shown = [];
  #coming = [];
  #draw = () => this.#drawComing();

  constructor({ log, empty, scroller, you, times, blocks }) {
    super();
    this.#log = log;
    this.#empty = empty;
    this.#scroller = scroller;
    this.#you = you;
    this.#times = times;
    this.#blocks = blocks;
    blocks.addEventListener("change", () => this.#foldAll());
  }

  get oldestSeq() {
    return this.#shown[0]?.row.seq ?? this.#coming[0]?.seq ?? null;
  }

  get newest() {
    return this.#shown.at(-1)?.row ?? null;
  }

  append(rows) {
    this.#coming.push(...rows);
    onNextFrame(this.#draw);
  }

  prepend(rows) {
    if (!rows.length) return;
    this.#scroller.keepingPlace(() => {
      const older = this.#drawRows(rows, null);
      this.#log.prepend(...older.map(({ entry }) => entry));
      const [first] = this.#shown;
      if (first) dress(first.entry, first.row, rows.at(-1), this.#times);
      this.#shown.unshift(...older);
    });
    this.dispatchEvent(new Event("prepended"));
  }

  replace(rows) {
    this.#coming = [];
    const hadFocus = this.#log.contains(document.activeElement);
    this.#shown = this.#drawRows(rows, null);
    this.#log.replaceChildren(...this.#shown.map(({ entry }) => entry));
    if (hadFocus) this.#scroller.focus();
    this.#showEmptiness();
    this.#scroller.toBottom();
    this.dispatchEvent(new CustomEvent("drawn", { detail: [] }));
  }

  /** Somebody has another name now: their rows say so. */
  rename(person) {
    for (const row of this.#coming) renameRow(row, person);
    for (const { row, entry } of this.#shown) {
      if (renameRow(row, person)) renameIn(entry, row, this.#times);
    }
  }

  rowAt(seq) {
    return this.#shown.find(({ row }) => row.seq === seq)?.row ?? null;
  }

  /** The words of that row were erased: they go from this page too. */
  erase(seq) {
    for (const row of this.#coming) {
      if (row.seq === seq) eraseRow(row);
    }
    const found = this.#shown.find(({ row }) => row.seq === seq);
    if (!found || !eraseRow(found.row)) return;
    const fresh = drawRow(found.row, { you: this.#you, times: this.#times });
    this.#scroller.keepingPlace(() => found.entry.querySelector(".talk").replaceWith(fresh.querySelector(".talk")));
  }

  #foldAll() {
    this.#scroller.keepingPlace(() => {
      for (const { row, entry } of this.#shown) this.#foldOne(row, entry);
    });
  }

  #foldOne(row, entry) {
    if (isTalk(row)) fold(entry, row.author !== null && this.#blocks.has(row.author.id));
  }

  #drawComing() {
    const rows = this.#coming;
    this.#coming = [];
    if (!rows.length) return;
    const drawn = this.#drawRows(rows, this.newest);
    this.#log.append(...drawn.map(({ entry }) => entry));
    this.#shown.push(...drawn);
    this.#showEmptiness();
    if (this.#shown.length > MOST_ROWS && this.#scroller.isAtBottom) this.#trim();
    this.#scroller.settle();
    this.dispatchEvent(new CustomEvent("drawn", { detail: rows }));
  }

  #drawRows(rows, previous) {
    return rows.map((row, index) => {
      const entry = drawRow(row, { you: this.#you, times: this.#times });
      dress(entry, row, index ? rows[index - 1] : previous, this.#times);
      this.#foldOne(row, entry);
      return { row, entry };
    });
  }

  #trim() {
    const old = this.#shown.splice(0, this.#shown.length - ROWS_AFTER_TRIM);
    // Whoever is at a link in a row that goes stays in the transcript, and is not thrown to the top of the page.
    if (old.some(({ entry }) => entry.contains(document.activeElement))) this.#scroller.focus();
    for (const { entry } of old) entry.remove();
    const [first] = this.#shown;
    dress(first.entry, first.row, null, this.#times);
    this.dispatchEvent(new Event("trimmed"));
  }

  #showEmptiness() {
    this.#empty.hidden = this.#shown.some(({ row }) => row.talk !== null);
  }
}

function eraseRow(row) {
  if (row.redacted) return false;
  Object.assign(row, { redacted: true, body: "", attachment: null });
  return true;
}

function renameRow(row, { id, username, display_name: shown, picture }) {
  const people = [row.author, row.subject].filter((person) => person?.id === id);
  for (const person of people) Object.assign(person, { username, display_name: shown, picture });
  return people.length > 0;
}
