// The title of the tab: the room's name, and how many messages came while the tab was hidden.

import { Component } from "../lib/component.js";

export class PageTitle extends Component {
  static needs = ["room"];

  #name = this.room.name;
  // The server writes "<room> · <site>": all after the room's name stays.
  #suffix = document.title.startsWith(this.#name) ? document.title.slice(this.#name.length) : "";
  #unseen = 0;

  constructor(page) {
    super(page);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#unseen = 0;
      this.#draw();
    });
  }

  rename(name) {
    this.#name = name;
    this.#draw();
  }

  /** So many messages have come. */
  count(messages) {
    if (!document.hidden || !messages) return;
    this.#unseen += messages;
    this.#draw();
  }

  #draw() {
    const title = `${this.#unseen ? `(${this.#unseen}) ` : ""}${this.#name}${this.#suffix}`;
    if (document.title !== title) document.title = title;
  }
}
