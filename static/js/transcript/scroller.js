// Where the transcript stands: at the newest row it stays there; anywhere else nothing moves what is being read.

// So near to the end counts as the end: browsers round, and zoom leaves fractions.
const NEAR_PX = 24;

/** Fires `home` on the way to the end, `bottom` whenever it is reached, and `scroll` when the reader has moved. */
export class Scroller extends EventTarget {
  /** The end of what is drawn is not the end: newer rows are not in the document. */
  isCut = false;
  #view;
  #isAtBottom = true;
  // Before the first frame there is no place to keep, and whoever measures lays out a page that is not whole.
  #isShown = false;
  // The page does not move under a finger.
  #isHeld = false;

  constructor(view) {
    super();
    this.#view = view;
    view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const name of ["touchstart", "touchend", "touchcancel"]) {
      view.addEventListener(name, ({ touches }) => this.#hold(touches.length > 0), { passive: true });
    }
    // The keyboard, a growing composer, a turned phone, a row that wraps anew.
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

  /** How far the reader is from the end, in screens. */
  get screensFromBottom() {
    return this.isCut ? Infinity : this.screensFromEdge;
  }

  /** How far the reader is from where the drawn rows end. */
  get screensFromEdge() {
    return this.#distance() / Math.max(this.#view.clientHeight, 1);
  }

  /** Lead the keyboard here, without moving what is read. */
  focus() {
    this.#view.focus({ preventScroll: true });
  }

  /** Stay at the end if that is where the reader is. */
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

  /** Change what is above without moving what the reader sees. (Safari has no scroll anchoring of its own.) */
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
    // The words, not the entry: its name and day line may go when a row gets before it.
    const bodies = this.#view.querySelectorAll(".talk-body, .deed");
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
