// The title of the tab and its icon: the room's name, and how many messages wait for the user. These are what came in the
// open room while the tab was hidden and, of all other rooms, what is for the user themselves.

import { Component } from "../lib/component.js";

export class PageTitle extends Component {
  static needs = ["room", "myRooms"];

  #name = this.room.name;
  // The server writes "<room> · <site>": all after the room's name stays.
  #suffix = document.title.startsWith(this.#name) ? document.title.slice(this.#name.length) : "";
  #icon = document.querySelector("link[rel=icon]");
  #plainIcon = this.#icon?.href;
  #unseen = 0;
  // What the icon shows.
  #shown = 0;

  constructor(shell) {
    super(shell);
    this.myRooms.addEventListener("change", () => this.#draw());
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

  /** So many messages have come in the open room. */
  count(messages) {
    if (!document.hidden || !messages) return;
    this.#unseen += messages;
    this.#draw();
  }

  #draw() {
    const count = this.#unseen + this.myRooms.forOneself;
    const title = `${count ? `(${count}) ` : ""}${this.#name}${this.#suffix}`;
    if (document.title !== title) document.title = title;
    if (count !== this.#shown) this.#drawIcon(count);
  }

  async #drawIcon(count) {
    this.#shown = count;
    try {
      const { iconWith } = await import("./tab_icon.js");
      if (count === this.#shown) this.#icon.href = count ? iconWith(count) : this.#plainIcon;
    } catch {
      // The server is away, and the title says it.
    }
  }
}
