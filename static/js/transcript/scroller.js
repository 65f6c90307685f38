// The scroll position of the transcript. At the end it stays at the end; anywhere else nothing moves what the user reads.

import { Component } from "../lib/component.js";

// This near to the end counts as the end: browsers round, and zoom leaves fractions.
const NEAR_PX = 24;

// Where an entry is put that is to be seen: so far down the view.
const ENTRY_AT = 0.3;

/**
 * Fires `home` before it goes to the end (prevented: it stays), `bottom` whenever the end is reached, and `scroll` when
 * it has scrolled.
 */
export class Scroller extends Component {
  static targets = ["transcriptView"];

  /** Whether newer rows than the drawn ones are known: the end of the document is not the end then. */
  isCut = false;
  #view = this.transcriptViewTarget;
  #isAtBottom = true;
  // The entry that stays in view while the page is drawn to its end, until the user scrolls; and where that scrolled to.
  #shown = null;
  #shownAt = null;
  // Before the first frame there is no place to keep, and measuring would lay out a page that is not whole yet.
  #isShown = false;
  // A finger is on the page, which must not move under it.
  #isHeld = false;
  // What the user saw when another room was shown: a text, and how far below the top of the view it was.
  #left = null;

  constructor(page) {
    super(page);
    const view = this.#view;
    view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const name of ["touchstart", "touchend", "touchcancel"]) {
      view.addEventListener(name, ({ touches }) => this.#hold(touches.length > 0), { passive: true });
    }
    // The keyboard of a phone, a growing composer, a turned phone, a row that wraps differently.
    const resized = new ResizeObserver(() => {
      this.#isShown = true;
      this.settle();
    });
    resized.observe(view);
    for (const child of view.children) resized.observe(child);
  }

  get isAtBottom() {
    return this.#isAtBottom;
  }

  /** How far the user is from the newest row, in screens. */
  get screensFromBottom() {
    return this.isCut ? Infinity : this.screensFromEdge;
  }

  /** How far the user is from the last drawn row, in screens. */
  get screensFromEdge() {
    return this.#distance() / Math.max(this.#view.clientHeight, 1);
  }

  /** The seq of the last row whose end the user sees, or null. */
  get lastSeenSeq() {
    return this.#lastSeqAbove(this.#view.getBoundingClientRect().bottom + NEAR_PX);
  }

  /** The seq of the row that `toEntry` would put where it is now, or null at the end, where nothing is to be kept. */
  get placeSeq() {
    const { top } = this.#view.getBoundingClientRect();
    return this.#isAtBottom ? null : this.#lastSeqAbove(top + this.#view.clientHeight * ENTRY_AT);
  }

  #lastSeqAbove(y) {
    const entries = this.#view.querySelectorAll(".entry[data-seq]");
    const below = firstOf(entries, (entry) => entry.getBoundingClientRect().bottom > y);
    return Number(entries[below - 1]?.dataset.seq ?? 0) || null;
  }

  /** Another room is about to be shown: out of the document the view forgets its place, and older rows may still come. */
  leave() {
    const anchor = this.#firstVisible();
    this.#left = anchor && [anchor, this.#below(anchor)];
  }

  /** The room is shown again. */
  come() {
    const [anchor, below] = this.#left ?? [];
    if (this.#isAtBottom) this.settle();
    else if (anchor?.isConnected) this.#view.scrollTop += this.#below(anchor) - below;
  }

  #below(node) {
    return node.getBoundingClientRect().top - this.#view.getBoundingClientRect().top;
  }

  /** Give the transcript the focus, without scrolling. */
  focus() {
    this.#view.focus({ preventScroll: true });
  }

  /** Go to the end again if that is where the user was. */
  settle() {
    if (!this.#isShown || this.#isHeld) return;
    if (this.#isAtBottom) this.#view.scrollTop = this.#view.scrollHeight;
    else if (this.#holdsEntry) this.#showEntry();
  }

  /** Show this entry as soon as there is something to see. */
  toEntry(entry) {
    this.#isAtBottom = false;
    this.#shown = entry;
    this.#shownAt = null;
    this.settle();
  }

  toBottom() {
    if (!this.dispatchEvent(new Event("home", { cancelable: true }))) return;
    this.#isAtBottom = true;
    this.#isHeld = false;
    this.settle();
    this.dispatchEvent(new Event("bottom"));
  }

  /** Call `change()`, which changes the document, without moving what the user sees. (Safari has no scroll anchoring.) */
  keepingPlace(change) {
    if (this.#isAtBottom || (this.#holdsEntry && !this.#isHeld)) {
      change();
      this.settle();
      return;
    }
    const anchor = this.#firstVisible();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) this.#view.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  #firstVisible() {
    const top = this.#view.getBoundingClientRect().top;
    // The text, not the entry: its name and day line may go when a row is put above it.
    const bodies = this.#view.querySelectorAll(".message-body, .system-message");
    return bodies[Math.min(firstOf(bodies, (body) => body.getBoundingClientRect().bottom > top), bodies.length - 1)];
  }

  /** The user may have scrolled, of which the browser tells later. */
  get #holdsEntry() {
    if (!this.#shown?.isConnected) return false;
    return !this.#isShown || this.#shownAt === null || Math.abs(this.#view.scrollTop - this.#shownAt) <= 1;
  }

  #showEntry() {
    const view = this.#view;
    view.scrollTop += this.#below(this.#shown) - view.clientHeight * ENTRY_AT;
    this.#shownAt = view.scrollTop;
    // A page that is not long enough to scroll is at its end.
    this.#scrolled();
  }

  #distance() {
    return this.#view.scrollHeight - this.#view.clientHeight - this.#view.scrollTop;
  }

  #scrolled() {
    // The room was left before the browser told.
    if (!this.#view.isConnected) return;
    if (!this.#holdsEntry) this.#shown = null;
    const wasAtBottom = this.#isAtBottom;
    this.#isAtBottom = !this.isCut && this.#distance() <= NEAR_PX;
    if (this.#isAtBottom && !wasAtBottom) this.dispatchEvent(new Event("bottom"));
    this.dispatchEvent(new Event("scroll"));
  }

  #hold(isHeld) {
    this.#isHeld = isHeld;
    this.settle();
  }
}

/** The index of the first of these nodes, which stand in order, for which `test` is true; their number if none is. */
function firstOf(nodes, test) {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(nodes[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
