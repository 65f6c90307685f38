// A line of news beside the transcript, shown for some seconds: who came and went, and what did not work.

import { Component } from "../lib/component.js";

const SHOW_MS = 7000;

export class Toast extends Component {
  static targets = ["toast"];

  #timer = null;

  /** Show this sentence in the place of the last one. */
  show(sentence) {
    clearTimeout(this.#timer);
    this.toastTarget.textContent = sentence;
    this.#timer = setTimeout(() => this.toastTarget.replaceChildren(), SHOW_MS);
  }
}
