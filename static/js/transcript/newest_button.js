// The button that leads back to the newest message, with the number of those that came meanwhile.

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";
import { isMessage } from "./message.js";

// The button shows without new messages, too, at this distance from the end.
const FAR_SCREENS = 1.5;

export class NewestButton extends Component {
  static targets = ["newestButton"];
  static needs = ["scroller", "transcript", "user"];

  #count = 0;

  constructor(page) {
    super(page);
    const { scroller } = this;
    this.newestButtonTarget.addEventListener("click", () => {
      scroller.toBottom();
      // The button is hidden now, and the focus would go with it.
      scroller.focus();
    });
    scroller.addEventListener("bottom", () => this.#reachedEnd());
    scroller.addEventListener("scroll", () => this.#draw());
    this.transcript.addEventListener("drawn", ({ detail }) => this.#add(detail));
  }

  #add(rows) {
    if (this.scroller.isAtBottom) return;
    this.#count += rows.filter((row) => isMessage(row) && row.author?.id !== this.user.id).length;
    this.#draw();
  }

  #reachedEnd() {
    this.#count = 0;
    this.#draw();
  }

  get #isFar() {
    return this.scroller.screensFromBottom > FAR_SCREENS;
  }

  #draw() {
    const button = this.newestButtonTarget;
    button.hidden = this.scroller.isAtBottom || !(this.#count || this.#isFar);
    const text = this.#count ? say("new_messages", { count: this.#count }) : say("to_newest");
    if (button.textContent !== text) button.textContent = text;
    button.classList.toggle("has-news", this.#count > 0);
  }
}
