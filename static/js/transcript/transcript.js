// The transcript. New rows are drawn with the next frame, and what the user reads stays in its place.

import { Component } from "../lib/component.js";
import { onNextFrame, whenIdle } from "../lib/frame.js";
import { explainTime } from "../lib/time.js";
import { dress, drawEntry, fold, markLinked, markPinned, markUnread, nameEntry, renameIn, writeDays } from "./entry.js";
import { FORMATTED, formatUnder } from "./formatter.js";
import { isMessage } from "./message.js";
import { MessageRows } from "./message_rows.js";
import { gatherRuns } from "./runs.js";

// The next rows are drawn when the end of the drawn ones is this near: farther than one scrolls between two frames.
const NEAR_SCREENS = 1.5;

/**
 * Live, it has the rows up to the end of the log, and gets those that come. Otherwise it has a part of the log from
 * before that, and those that come are only told of.
 *
 * Fires `drawn` (detail: the rows that came at the end of the log), `moved` when other rows than before are in the
 * document, `trimmed` when old rows were forgotten, and `cut` when new ones were: it is not live then.
 */
export class Transcript extends Component {
  static targets = ["log", "emptyNote", "transcriptView"];
  static needs = ["scroller", "user", "times", "blockedUsers", "room", "window", "pinned", "messageWalk", "signal"];

  #rows = new MessageRows({
    log: this.logTarget,
    draw: (row) => this.#drawEntry(row),
    dress: (entry, row, previous) => dress(entry, row, previous, this.times),
  });
  #isLive = true;
  // Rows that wait for the next frame.
  #incoming = [];
  // The row to which a link led, and the first message that was unread when the page came: its `talk`.
  #linked = this.window?.is_link ? this.window.seq : null;
  #firstUnread = this.room.unread ? this.room.talk_count - this.room.unread + 1 : null;
  // Promises what shows the day at the upper edge, or null where it did not come.
  #dayOnTop = null;
  #draw = () => this.#drawIncoming();

  constructor(page) {
    super(page);
    const { scroller, signal } = this;
    this.come();
    this.transcriptViewTarget.addEventListener("pointerover", (event) => explainTime(event, this.times));
    this.logTarget.addEventListener(FORMATTED, ({ target }) => this.#formatted(target.closest(".log > .entry")));
    this.blockedUsers.addEventListener("change", () => this.#foldAll(), { signal });
    this.times.onNewDay(() => writeDays(this.logTarget, this.times), signal);
    scroller.addEventListener("home", () => {
      if (this.#isLive && this.hasNewer) this.#move(() => this.#rows.showNewest());
    });
    scroller.addEventListener("scroll", () => {
      this.#showNewerWhenNear();
      if (this.#dayOnTop || !scroller.isAtBottom) this.#showDay();
    });
  }

  get oldestSeq() {
    return this.#rows.oldest?.seq ?? this.#incoming[0]?.seq ?? null;
  }

  get newest() {
    return this.#rows.newest;
  }

  get isLive() {
    return this.#isLive;
  }

  /** Whether this page has rows above the drawn ones in memory. */
  get hasOlder() {
    return this.#rows.hasOlder;
  }

  /** Whether this page has rows below the drawn ones in memory. */
  get hasNewer() {
    return this.#rows.hasNewer;
  }

  /** The seq that the newest message up to row `seq` has among messages, its `talk`; 0 where there is none. */
  talkUpTo(seq) {
    return [...this.#rows].findLast((row) => row.seq <= seq && row.talk)?.talk ?? 0;
  }

  /** It is shown, for the first time or again. */
  come() {
    formatUnder((change) => this.scroller.keepingPlace(change));
  }

  /** With the message `talk` begins what is unread; null: nothing is. */
  markUnreadFrom(talk) {
    this.#firstUnread = talk;
    this.logTarget.querySelector(".new-line")?.remove();
    const found = this.#rows.drawn.find(([, row]) => talk && row.talk === talk);
    if (found) markUnread(found[0]);
    this.#gather();
  }

  /** Add rows that have come. */
  append(rows) {
    this.#incoming.push(...rows);
    onNextFrame(this.#draw);
  }

  prepend(rows) {
    if (!rows.length) return;
    let isCut;
    this.#move(() => {
      isCut = this.#rows.prepend(rows);
      this.#isLive &&= !isCut;
    });
    if (isCut) this.dispatchEvent(new Event("cut"));
  }

  /** Add rows below those of a part of the log; `isLive` says that these reach its end. */
  extend(rows, { isLive }) {
    let isTrimmed;
    this.#move(() => {
      this.#isLive = isLive;
      isTrimmed = this.#rows.extend(rows);
    });
    if (isTrimmed) this.dispatchEvent(new Event("trimmed"));
  }

  /** Draw all that this page has in memory, to be printed; afterwards only what is near. */
  showAll() {
    this.#move(() => this.#rows.showAll());
  }

  showOlder() {
    this.#move(() => this.#rows.showOlder());
  }

  showNewer() {
    this.#move(() => this.#rows.showNewer());
  }

  /** Show these rows and no others: the newest of the log or, with `isLive` false, a part of it, with row `seq` in view. */
  replace(rows, { seq = null, isLive = true } = {}) {
    this.#incoming = [];
    this.#isLive = isLive;
    this.#keepingFocus(() => this.#rows.replace(rows, seq));
    this.#settle();
    this.#showEmptyNote();
    const entry = this.#rows.find(seq)?.entry;
    if (entry) this.scroller.toEntry(entry);
    else this.scroller.toBottom();
    this.dispatchEvent(new CustomEvent("drawn", { detail: [] }));
    // The rest is drawn when the end, which the user looks at, is shown.
    onNextFrame(() => whenIdle(() => this.#fillUp()));
  }

  /** A user has another name now: their rows show it. */
  rename(user) {
    for (const row of [...this.#incoming, ...this.#rows]) renameRow(row, user);
    for (const [entry, row] of this.#rows.drawn) {
      if (row.author?.id === user.id || row.subject?.id === user.id) renameIn(entry, row, this);
    }
    this.#gather();
  }

  /** Give the focus to the message to which a link led. */
  focusLinked() {
    const entry = this.#rows.find(this.#linked)?.entry;
    if (entry) this.messageWalk.focusOn(entry);
  }

  rowAt(seq) {
    return this.#rows.find(seq)?.row ?? null;
  }

  /** Other messages than before are pinned: those with these seqs are, or are not any more. */
  showPins(seqs) {
    this.scroller.keepingPlace(() => {
      for (const seq of seqs) {
        const entry = this.#rows.find(seq)?.entry;
        if (entry) markPinned(entry, this.pinned.has(seq));
      }
    });
  }

  /** Bring a row into view and give it the focus; false where it is not in the document. */
  goTo(seq) {
    const entry = this.#rows.find(seq)?.entry;
    if (!entry) return false;
    this.scroller.toEntry(entry);
    this.messageWalk.focusOn(entry);
    return true;
  }

  /** The text of that row was erased: it goes from this page too. */
  erase(seq) {
    for (const row of this.#incoming) {
      if (row.seq === seq) eraseRow(row);
    }
    const found = this.#rows.find(seq);
    if (!found || !eraseRow(found.row) || !found.entry) return;
    const fresh = drawEntry(found.row, this);
    this.scroller.keepingPlace(() => {
      found.entry.querySelector(".message").replaceWith(fresh.querySelector(".message"));
      delete found.entry.dataset.tile;
      this.#gather();
    });
  }

  /** Its words are shown without their marks now. */
  #formatted(entry) {
    const row = entry && this.rowAt(Number(entry.dataset.seq));
    if (row) nameEntry(entry, row, this.times);
  }

  #foldAll() {
    this.scroller.keepingPlace(() => {
      for (const [entry, row] of this.#rows.drawn) this.#fold(entry, row);
      this.#gather();
    });
  }

  #fold(entry, row) {
    if (isMessage(row)) fold(entry, row.author !== null && this.blockedUsers.has(row.author.id));
  }

  #drawEntry(row) {
    const entry = drawEntry(row, this);
    this.#fold(entry, row);
    markPinned(entry, this.pinned.has(row.seq));
    if (row.seq === this.#linked) markLinked(entry);
    if (this.#firstUnread && row.talk === this.#firstUnread) markUnread(entry);
    return entry;
  }

  #fillUp() {
    if (!this.#rows.isThin) return;
    this.showOlder();
    whenIdle(() => this.#fillUp());
  }

  #drawIncoming() {
    // Of those that came while the page joined the end of the log, it may have some.
    const last = this.newest?.seq ?? 0;
    const rows = this.#incoming.filter(({ seq }) => seq > last);
    this.#incoming = [];
    if (!rows.length) return;
    if (this.#isLive) this.#drawAtEnd(rows);
    this.dispatchEvent(new CustomEvent("drawn", { detail: rows }));
  }

  #drawAtEnd(rows) {
    const isAtEnd = this.scroller.isAtBottom;
    const hadOlder = this.hasOlder;
    this.#keepingFocus(() => this.#rows.append(rows, { isAtEnd }));
    this.#showEmptyNote();
    if (this.#rows.isTooMany && isAtEnd) this.#trim();
    this.#settle();
    this.scroller.settle();
    if (this.hasOlder && !hadOlder) this.dispatchEvent(new Event("moved"));
  }

  #showNewerWhenNear() {
    if (this.hasNewer && this.scroller.screensFromEdge < NEAR_SCREENS) this.showNewer();
  }

  async #showDay() {
    const write = (node, entry) => {
      const row = entry && this.rowAt(Number(entry.dataset.seq));
      if (row) this.times.writeDay(node, new Date(row.at));
    };
    this.#dayOnTop ??= import("./day_on_top.js").then(({ dayOnTop }) => dayOnTop(this.transcriptViewTarget, write), () => null);
    (await this.#dayOnTop)?.();
  }

  /** Change which rows are in the document, without moving what the user sees. */
  #move(change) {
    this.scroller.keepingPlace(() => this.#keepingFocus(change));
    this.#settle();
    this.dispatchEvent(new Event("moved"));
  }

  /** Say whether the end of the document is the end of the log, which what is being sent comes after. */
  #settle() {
    this.scroller.isCut = !this.#isLive || this.hasNewer;
    this.transcriptViewTarget.classList.toggle("is-elsewhere", !this.#isLive);
  }

  #trim() {
    this.#keepingFocus(() => this.#rows.trim());
    this.dispatchEvent(new Event("trimmed"));
  }

  /** If the focused element goes, the transcript gets the focus; otherwise it would be at the top of the page. */
  #keepingFocus(change) {
    const hadFocus = this.logTarget.contains(document.activeElement);
    change();
    this.#gather();
    if (hadFocus && !this.logTarget.contains(document.activeElement)) this.scroller.focus();
  }

  #gather() {
    gatherRuns(this.#rows.drawn, (change) => this.scroller.keepingPlace(change));
  }

  #showEmptyNote() {
    this.emptyNoteTarget.hidden = !this.#isLive || this.#rows.some(({ talk }) => talk !== null);
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
