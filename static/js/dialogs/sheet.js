// A menu on a phone: at the lower edge of the screen, over a scrim. A tap outside closes it, and so does Back, for which it
// has an entry in the history.

import { element } from "../lib/dom.js";

export class Sheet {
  scrim = element("div", "sheet-scrim");
  /** Resolves when the history is as it was before the sheet. */
  closed = Promise.resolve();
  #isOpen = false;
  #settle = null;

  /** Make `menu` a sheet; `close()` is called for Back, and `tapped()` for a tap outside. */
  constructor(menu, close, tapped) {
    this.scrim.addEventListener("click", tapped);
    menu.before(this.scrim);
    this.scrim.hidden = true;
    addEventListener("popstate", () => {
      this.#settle?.();
      if (!this.#isOpen) return;
      this.#isOpen = false;
      close();
    });
  }

  open() {
    this.#isOpen = true;
    this.scrim.hidden = false;
    this.closed = new Promise((settle) => (this.#settle = settle));
    // Of a drawer below it nothing is changed.
    history.pushState(history.state, "");
  }

  close() {
    this.scrim.hidden = true;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    history.back();
  }
}
