// The line that says how the connection is when it is not as it should be.

import { Component } from "../lib/component.js";

// A connection that is back within this time is not worth a word.
const GRACE_MS = 1500;

export class Banner extends Component {
  static targets = ["banner", "retry", "pollingNote", "readOnly"];
  static needs = ["connection", "composer", "outbox"];

  #pollingSentence = this.pollingNoteTarget.textContent;
  #timer = null;

  constructor(page) {
    super(page);
    this.retryTarget.addEventListener("click", () => this.connection.retryNow());
    this.showDown();
  }

  showDown() {
    this.#timer ??= setTimeout(() => {
      this.bannerTarget.hidden = false;
    }, GRACE_MS);
  }

  /** The small print says that this page polls, and why, where the site gave a reason. */
  showUp() {
    const { mode, why } = this.connection;
    this.hide();
    this.pollingNoteTarget.textContent = [this.#pollingSentence, why].filter(Boolean).join(" ");
    this.pollingNoteTarget.hidden = mode !== "polling";
  }

  /** Nobody can write while the site is looked after. Messages that wait are sent when that is over. */
  showReadOnly(isReadOnly) {
    const isOver = !this.readOnlyTarget.hidden && !isReadOnly;
    this.readOnlyTarget.hidden = !isReadOnly;
    if (isOver) this.outbox.resume();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#timer = null;
    // The focus would be lost with the button.
    if (this.bannerTarget.contains(document.activeElement)) this.composer.focus();
    this.bannerTarget.hidden = true;
  }
}
