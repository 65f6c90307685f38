// The scroll position of the transcript. At the end it stays at the end; anywhere else nothing moves what the user reads.

import { Component } from "../lib/component.js";

// This near to the end counts as the end: browsers round, and zoom leaves fractions.
const NEAR_PX = 24;

/** Fires `home` before it goes to the end, `bottom` whenever the end is reached, and `scroll` when it has scrolled. */
export class Scroller extends Component {
  static targets = ["transcriptView"];

  /** Whether newer rows than the drawn ones are known: the end of the document is not the end then. */
  isCut = false;
  #view = this.transcriptViewTarget;
  #isAtBottom = true;
  // Before the first frame there is no place to keep, and measuring would lay out a page that is not whole yet.
  #isShown = false;
  // A finger is on the page, which must not move under it.
  #isHeld = false;

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

  /** Give the transcript the focus, without scrolling. */
  focus() {
    this.#view.focus({ preventScroll: true });
  }

  /** Go to the end again if that is where the user was. */
  settle() {
    if (this.#isShown && this.#isAtBottom && !this.#isHeld) this.#view.scrollTop = this.#view.scrollHeight;
  }

  toBottom() {
    this.dispatchEvent(new Event("home"));
    this.#isAtBottom = true;
    this.#isHeld = false;
    this.settle();
    this.dispatchEvent(new Event("bottom"));
  }

  /** Call `change()`, which changes the document, without moving what the user sees. (Safari has no scroll anchoring.) */
  keepingPlace(change) {
    if (this.#isAtBottom) {
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
    let [low, high] = [0, bodies.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bodies[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    return bodies[low];
  }

  #distance() {
    return this.#view.scrollHeight - this.#view.clientHeight - this.#view.scrollTop;
  }

  #scrolled() {
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
