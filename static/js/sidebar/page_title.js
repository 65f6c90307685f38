// The tab's title: the room's name, and how many messages came while the page was hidden.

export class Title {
  #suffix;
  #name;
  #unseen = 0;

  /** The title that the server wrote is "<room> · <site>"; all after the room's name stays. */
  constructor(roomName) {
    this.#name = roomName;
    this.#suffix = document.title.startsWith(roomName) ? document.title.slice(roomName.length) : "";
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
