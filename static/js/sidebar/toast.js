// A line of news below the transcript, shown for some seconds: who came and went, and what did not work.

import { Component } from "../lib/component.js";

const SHOW_MS = 7000;

export class Toast extends Component {
  static targets = ["toast"];

  #timer = null;

  /** Show this sentence in the place of the last one, with `more` nodes, such as a button. */
  show(sentence, ...more) {
    clearTimeout(this.#timer);
    this.toastTarget.replaceChildren(sentence, ...more);
    this.#timer = setTimeout(() => this.#end(), SHOW_MS);
  }

  /** A button in it that has the focus stays. */
  #end() {
    if (this.toastTarget.contains(document.activeElement)) this.#timer = setTimeout(() => this.#end(), SHOW_MS);
    else this.toastTarget.replaceChildren();
  }
}
