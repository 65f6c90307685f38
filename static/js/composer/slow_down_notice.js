// Says that messages wait because the server asked for a slower pace, when that takes a while. They go by themselves.

import { Component } from "../lib/component.js";

// A shorter wait is over before its sentence is read.
const GRACE_MS = 2000;

export class SlowDownNotice extends Component {
  static targets = ["slowDown"];
  static needs = ["outbox"];

  #timer = null;

  constructor(page) {
    super(page);
    this.outbox.addEventListener("change", () => this.#update());
  }

  get #sentence() {
    const slowed = this.outbox.entries.find(({ code, state }) => code === "too_fast" && state !== "failed");
    return slowed?.detail ?? "";
  }

  #update() {
    if (this.#sentence) {
      this.#timer ??= setTimeout(() => this.#show(this.#sentence), GRACE_MS);
    } else {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#show("");
    }
  }

  #show(sentence) {
    if (this.slowDownTarget.textContent !== sentence) this.slowDownTarget.textContent = sentence;
  }
}
