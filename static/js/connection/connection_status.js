// What the page does when its connection comes up, goes down or ends.

import { Component } from "../lib/component.js";
import { watchAway } from "./away.js";

// The close code of a socket whose user is present in another room.
const IN_ANOTHER_ROOM = 4409;

export class ConnectionStatus extends Component {
  static needs = [
    ...["connection", "feed", "outbox", "banner", "otherRoomNotice", "endedDialog"],
    ...["history", "liveEnd", "readPosition", "presence", "typing", "composer"],
  ];

  constructor(page) {
    super(page);
    const { connection } = this;
    connection.addEventListener("up", () => this.#up());
    connection.addEventListener("down", () => this.#down());
    connection.addEventListener("ended", ({ detail }) => this.#ended(detail));
    this.otherRoomNotice.addEventListener("back", () => this.#comeBack());
    watchAway((isAway) => connection.setAway(isAway));
  }

  #up() {
    this.banner.showUp();
    this.outbox.connect();
    this.history.resume();
    this.liveEnd.resume();
    this.readPosition.sendAgain();
  }

  #down() {
    this.banner.showDown();
    this.outbox.disconnect();
  }

  #ended(end) {
    this.feed.stop();
    this.outbox.disconnect();
    this.banner.hide();
    this.typing.clear();
    if (end.code === IN_ANOTHER_ROOM) {
      this.presence.clear();
      this.otherRoomNotice.show(end);
    } else {
      this.composer.close();
      this.endedDialog.show(end);
    }
  }

  #comeBack() {
    this.otherRoomNotice.hide();
    this.banner.showDown();
    this.connection.start();
    this.composer.focus();
  }
}
