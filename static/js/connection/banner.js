// The line that says how the connection is when it is not as it should be.

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";

// A connection that is back within this time is not worth a word.
const GRACE_MS = 1500;

export class Banner extends Component {
  static targets = ["banner", "retry", "readOnly"];
  static needs = ["connection", "composer", "pages", "targets", "toast"];

  #pollingSentence = this.targets.pollingNote.textContent;
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
    if (!this.bannerTarget.hidden) this.toast.show(say("connected_again"));
    this.hide();
    // It stands below the composer, which is the room's.
    const note = this.targets.pollingNote;
    note.textContent = [this.#pollingSentence, why].filter(Boolean).join(" ");
    note.hidden = mode !== "polling";
  }

  /** Nobody can write while the site is looked after. Messages that wait are sent when that is over. */
  showReadOnly(isReadOnly) {
    const isOver = !this.readOnlyTarget.hidden && !isReadOnly;
    this.readOnlyTarget.hidden = !isReadOnly;
    if (isOver) for (const { outbox } of this.pages.values()) outbox.resume();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#timer = null;
    // The focus would be lost with the button.
    if (this.bannerTarget.contains(document.activeElement)) this.composer.focus();
    this.bannerTarget.hidden = true;
  }
}
