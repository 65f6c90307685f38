// The transcript. New rows are drawn with the next frame, and what the user reads stays in its place.

import { Component } from "../lib/component.js";
import { onNextFrame, whenIdle } from "../lib/frame.js";
import { explainTime } from "../lib/time.js";
import { dress, drawEntry, fold, renameIn } from "./entry.js";
import { formatUnder } from "./formatter.js";
import { isMessage } from "./message.js";
import { MessageRows } from "./message_rows.js";

// The next rows are drawn when the end of the drawn ones is this near: farther than one scrolls between two frames.
const NEAR_SCREENS = 1.5;

/**
 * Fires `drawn` (detail: the rows that came at the end), `moved` when other rows than before are in the document, and
 * `trimmed` when old rows were forgotten.
 */
export class Transcript extends Component {
  static targets = ["log", "emptyNote", "transcriptView"];
  static needs = ["scroller", "user", "times", "blockedUsers"];

  #rows = new MessageRows({
    log: this.logTarget,
    draw: (row) => this.#drawEntry(row),
    dress: (entry, row, previous) => dress(entry, row, previous, this.times),
  });
  // Rows that wait for the next frame.
  #incoming = [];
  #draw = () => this.#drawIncoming();

  constructor(page) {
    super(page);
    const { scroller } = this;
    formatUnder((change) => scroller.keepingPlace(change));
    this.transcriptViewTarget.addEventListener("pointerover", (event) => explainTime(event, this.times));
    this.blockedUsers.addEventListener("change", () => this.#foldAll());
    scroller.addEventListener("home", () => this.#rows.hasNewer && this.#move(() => this.#rows.showNewest()));
    scroller.addEventListener("scroll", () => this.#showNewerWhenNear());
  }

  get oldestSeq() {
    return this.#rows.oldest?.seq ?? this.#incoming[0]?.seq ?? null;
  }

  get newest() {
    return this.#rows.newest;
  }

  /** Whether this page has rows above the drawn ones in memory. */
  get hasOlder() {
    return this.#rows.hasOlder;
  }

  append(rows) {
    this.#incoming.push(...rows);
    onNextFrame(this.#draw);
  }

  prepend(rows) {
    if (rows.length) this.#move(() => this.#rows.prepend(rows));
  }

  showOlder() {
    this.#move(() => this.#rows.showOlder());
  }

  replace(rows) {
    this.#incoming = [];
    this.#keepingFocus(() => this.#rows.replace(rows));
    this.scroller.isCut = false;
    this.#showEmptyNote();
    this.scroller.toBottom();
    this.dispatchEvent(new CustomEvent("drawn", { detail: [] }));
    // The rest is drawn when the end, which the user looks at, is shown.
    onNextFrame(() => whenIdle(() => this.#fillUp()));
  }

  /** A user has another name now: their rows show it. */
  rename(user) {
    for (const row of [...this.#incoming, ...this.#rows]) renameRow(row, user);
    this.#rows.forEachDrawn((entry, row) => {
      if (row.author?.id === user.id || row.subject?.id === user.id) renameIn(entry, row, this);
    });
  }

  rowAt(seq) {
    return this.#rows.find(seq)?.row ?? null;
  }

  /** The text of that row was erased: it goes from this page too. */
  erase(seq) {
    for (const row of this.#incoming) {
      if (row.seq === seq) eraseRow(row);
    }
    const found = this.#rows.find(seq);
    if (!found || !eraseRow(found.row) || !found.entry) return;
    const fresh = drawEntry(found.row, this);
    this.scroller.keepingPlace(() => found.entry.querySelector(".message").replaceWith(fresh.querySelector(".message")));
  }

  #foldAll() {
    this.scroller.keepingPlace(() => this.#rows.forEachDrawn((entry, row) => this.#fold(entry, row)));
  }

  #fold(entry, row) {
    if (isMessage(row)) fold(entry, row.author !== null && this.blockedUsers.has(row.author.id));
  }

  #drawEntry(row) {
    const entry = drawEntry(row, this);
    this.#fold(entry, row);
    return entry;
  }

  #fillUp() {
    if (!this.#rows.isThin) return;
    this.showOlder();
    whenIdle(() => this.#fillUp());
  }

  #drawIncoming() {
    const rows = this.#incoming;
    this.#incoming = [];
    if (!rows.length) return;
    const isAtEnd = this.scroller.isAtBottom;
    const hadOlder = this.hasOlder;
    this.#keepingFocus(() => this.#rows.append(rows, { isAtEnd }));
    this.#showEmptyNote();
    if (this.#rows.isTooMany && isAtEnd) this.#trim();
    this.scroller.isCut = this.#rows.hasNewer;
    this.scroller.settle();
    if (this.hasOlder && !hadOlder) this.dispatchEvent(new Event("moved"));
    this.dispatchEvent(new CustomEvent("drawn", { detail: rows }));
  }

  #showNewerWhenNear() {
    if (this.#rows.hasNewer && this.scroller.screensFromEdge < NEAR_SCREENS) this.#move(() => this.#rows.showNewer());
  }

  /** Change which rows are in the document, without moving what the user sees. */
  #move(change) {
    this.scroller.keepingPlace(() => this.#keepingFocus(change));
    this.scroller.isCut = this.#rows.hasNewer;
    this.dispatchEvent(new Event("moved"));
  }

  #trim() {
    this.#keepingFocus(() => this.#rows.trim());
    this.dispatchEvent(new Event("trimmed"));
  }

  /** If the focused element goes, the transcript gets the focus; otherwise it would be at the top of the page. */
  #keepingFocus(change) {
    const hadFocus = this.logTarget.contains(document.activeElement);
    change();
    if (hadFocus && !this.logTarget.contains(document.activeElement)) this.scroller.focus();
  }

  #showEmptyNote() {
    this.emptyNoteTarget.hidden = this.#rows.some(({ talk }) => talk !== null);
  }
}

function eraseRow(row) {
  if (row.redacted) return false;
  Object.assign(row, { redacted: true, body: "", attachment: null });
  return true;
}

function renameRow(row, { id, username, display_name: shown, picture }) {
  const users = [row.author, row.subject].filter((user) => user?.id === id);
  for (const user of users) Object.assign(user, { username, display_name: shown, picture });
}
