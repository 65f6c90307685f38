// What the page does when its connection comes up, goes down or ends.

import { Component } from "../lib/component.js";
import { watchAway } from "./away.js";

export class ConnectionStatus extends Component {
  static targets = ["ended", "endedTitle", "endedSentence", "endedLink"];
  static needs = [
    ...["connection", "feed", "pages", "banner", "urls"],
    ...["history", "liveEnd", "readPosition", "typing", "composer"],
  ];

  constructor(page) {
    super(page);
    const { connection } = this;
    connection.addEventListener("up", () => this.#up());
    connection.addEventListener("down", () => this.#down());
    connection.addEventListener("ended", ({ detail }) => this.#ended(detail));
    watchAway((isAway) => connection.setAway(isAway));
  }

  #up() {
    this.banner.showUp();
    for (const { outbox } of this.pages.values()) outbox.connect();
    this.history.resume();
    this.liveEnd.resume();
    this.readPosition.sendAgain();
  }

  #down() {
    this.banner.showDown();
    this.#disconnect();
  }

  #disconnect() {
    for (const { outbox } of this.pages.values()) outbox.disconnect();
  }

  async #ended(end) {
    this.feed.stop();
    this.#disconnect();
    this.banner.hide();
    this.typing.clear();
    this.composer.close();
    try {
      const { showEnd } = await import("../dialogs/ended_dialog.js");
      showEnd(end, this);
    } catch {
      // The page that the server sends in the place of this one says why.
      location.reload();
    }
  }
}
