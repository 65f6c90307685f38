// Takes what the server says to what is of all rooms, and to the rooms that it is about.

import { Component } from "../lib/component.js";
import { roomOf } from "./entered_room.js";

export class SiteEvents extends Component {
  static needs = ["connection", "banner", "blockedUsers", "attention", "myRooms", "ownName", "user", "pages"];

  // By the type of an event.
  #handlers = {
    // That of the connection. Those of rooms are the rooms' own.
    welcome: (event) => event.room || this.banner.showReadOnly(event.read_only),
    read_only: ({ on }) => this.banner.showReadOnly(on),
    blocks: () => this.blockedUsers.refresh(),
    moved: ({ room }) => this.attention.moved(room),
    person: ({ id, username, display_name, picture }) => {
      if (id !== this.user.id) return;
      Object.assign(this.user, { username, display_name, picture });
      this.ownName.draw();
    },
    unread: (event) => this.myRooms.apply(event),
    read: (event) => this.myRooms.apply(event),
    rooms: (event) => this.myRooms.apply(event),
  };

  constructor(shell) {
    super(shell);
    this.connection.addEventListener("events", ({ detail }) => this.#dispatch(detail));
  }

  #dispatch(events) {
    for (const event of events) {
      this.#handlers[event.type]?.(event);
      const id = roomOf(event);
      for (const page of this.pages.values()) {
        if (id === undefined || id === page.room.id) page.eventRouter.take(event);
      }
    }
    for (const page of this.pages.values()) page.eventRouter.flush();
  }
}
