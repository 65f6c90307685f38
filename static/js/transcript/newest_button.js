// The button that leads back to the newest message, with the number that came meanwhile.

import { say } from "../lib/strings.js";
import { isTalk } from "./message.js";

// The button shows without news, too, once the reader is so many screens away.
const FAR_SCREENS = 1.5;

export class NewestButton {
  #button;
  #scroller;
  #you;
  #count = 0;

  constructor({ button, scroller, transcript, you }) {
    this.#button = button;
    this.#scroller = scroller;
    this.#you = you;
    button.addEventListener("click", () => {
      scroller.toBottom();
      // The button is gone by now, and the focus would be too.
      scroller.focus();
    });
    scroller.addEventListener("bottom", () => this.#seen());
    scroller.addEventListener("scroll", () => this.#draw());
    transcript.addEventListener("drawn", ({ detail }) => this.#came(detail));
  }

  #came(rows) {
    if (this.#scroller.isAtBottom) return;
    this.#count += rows.filter((row) => isTalk(row) && row.author?.id !== this.#you.id).length;
    this.#draw();
  }

  #seen() {
    this.#count = 0;
    this.#draw();
  }

  get #isFar() {
    return this.#scroller.screensFromBottom > FAR_SCREENS;
  }

  #draw() {
    this.#button.hidden = this.#scroller.isAtBottom || !(this.#count || this.#isFar);
    const text = this.#count ? say("new_messages", { count: this.#count }) : say("to_newest");
    if (this.#button.textContent !== text) this.#button.textContent = text;
    this.#button.classList.toggle("has-news", this.#count > 0);
  }
}
