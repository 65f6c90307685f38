// The transcript that one reads: what came is drawn with the next frame, and what is being read stays where it is.

import { onNextFrame, whenIdle } from "../lib/frame.js";
import { drawRow, dress, fold, isTalk, renameIn } from "./message.js";
import { Rows } from "./message_rows.js";

// So near to where the drawn rows end the next ones are drawn: farther than one scrolls between two frames.
const NEAR_SCREENS = 1.5;

/**
 * Fires `drawn` (detail: the rows that came at the end), `moved` when other rows than before are in the document, and
 * `trimmed` when old rows were let go.
 */
export class Transcript extends EventTarget {
  #log;
  #empty;
  #scroller;
  #you;
  #times;
  #blocks;
  #rows;
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
    this.#rows = new Rows({
      log,
      draw: (row) => this.#drawRow(row),
      dress: (entry, row, previous) => dress(entry, row, previous, times),
    });
    blocks.addEventListener("change", () => this.#foldAll());
    scroller.addEventListener("home", () => this.#rows.hasNewer && this.#move(() => this.#rows.showNewest()));
    scroller.addEventListener("scroll", () => this.#lookBelow());
  }

  get oldestSeq() {
    return this.#rows.oldest?.seq ?? this.#coming[0]?.seq ?? null;
  }

  get newest() {
    return this.#rows.newest;
  }

  /** There are rows above, in this page's memory. */
  get hasOlder() {
    return this.#rows.hasOlder;
  }

  append(rows) {
    this.#coming.push(...rows);
    onNextFrame(this.#draw);
  }

  prepend(rows) {
    if (rows.length) this.#move(() => this.#rows.prepend(rows));
  }

  showOlder() {
    this.#move(() => this.#rows.showOlder());
  }

  replace(rows) {
    this.#coming = [];
    this.#keepingFocus(() => this.#rows.replace(rows));
    this.#scroller.isCut = false;
    this.#showEmptiness();
    this.#scroller.toBottom();
    this.dispatchEvent(new CustomEvent("drawn", { detail: [] }));
    // The rest comes when the end, at which one looks, is there.
    onNextFrame(() => whenIdle(() => this.#thicken()));
  }

  /** Somebody has another name now: their rows say so. */
  rename(person) {
    for (const row of [...this.#coming, ...this.#rows]) renameRow(row, person);
    this.#rows.forEachDrawn((entry, row) => {
      if (row.author?.id === person.id || row.subject?.id === person.id) renameIn(entry, row, { you: this.#you, times: this.#times });
    });
  }

  rowAt(seq) {
    return this.#rows.find(seq)?.row ?? null;
  }

  /** The words of that row were erased: they go from this page too. */
  erase(seq) {
    for (const row of this.#coming) {
      if (row.seq === seq) eraseRow(row);
    }
    const found = this.#rows.find(seq);
    if (!found || !eraseRow(found.row) || !found.entry) return;
    const fresh = drawRow(found.row, { you: this.#you, times: this.#times });
    this.#scroller.keepingPlace(() => found.entry.querySelector(".talk").replaceWith(fresh.querySelector(".talk")));
  }

  #foldAll() {
    this.#scroller.keepingPlace(() => this.#rows.forEachDrawn((entry, row) => this.#foldOne(entry, row)));
  }

  #foldOne(entry, row) {
    if (isTalk(row)) fold(entry, row.author !== null && this.#blocks.has(row.author.id));
  }

  #drawRow(row) {
    const entry = drawRow(row, { you: this.#you, times: this.#times });
    this.#foldOne(entry, row);
    return entry;
  }

  #thicken() {
    if (!this.#rows.isThin) return;
    this.showOlder();
    whenIdle(() => this.#thicken());
  }

  #drawComing() {
    const rows = this.#coming;
    this.#coming = [];
    if (!rows.length) return;
    const isAtEnd = this.#scroller.isAtBottom;
    const hadOlder = this.hasOlder;
    this.#keepingFocus(() => this.#rows.append(rows, { isAtEnd }));
    this.#showEmptiness();
    if (this.#rows.isTooMany && isAtEnd) this.#trim();
    this.#scroller.isCut = this.#rows.hasNewer;
    this.#scroller.settle();
    if (this.hasOlder && !hadOlder) this.dispatchEvent(new Event("moved"));
    this.dispatchEvent(new CustomEvent("drawn", { detail: rows }));
  }

  #lookBelow() {
    if (this.#rows.hasNewer && this.#scroller.screensFromEdge < NEAR_SCREENS) this.#move(() => this.#rows.showNewer());
  }

  /** Have other rows in the document, without moving what the reader sees. */
  #move(change) {
    this.#scroller.keepingPlace(() => this.#keepingFocus(change));
    this.#scroller.isCut = this.#rows.hasNewer;
    this.dispatchEvent(new Event("moved"));
  }

  #trim() {
    this.#keepingFocus(() => this.#rows.trim());
    this.dispatchEvent(new Event("trimmed"));
  }

  /** Whoever is at a link in a row that goes stays in the transcript, and is not thrown to the top of the page. */
  #keepingFocus(change) {
    const hadFocus = this.#log.contains(document.activeElement);
    change();
    if (hadFocus && !this.#log.contains(document.activeElement)) this.#scroller.focus();
  }

  #showEmptiness() {
    this.#empty.hidden = this.#rows.some(({ talk }) => talk !== null);
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
