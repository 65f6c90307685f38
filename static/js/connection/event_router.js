// Takes what the server says about a room to the parts that show it.

import { Component } from "../lib/component.js";
import { isDrawn, isMessage, targetOf } from "../transcript/message.js";

export class EventRouter extends Component {
  static needs = [
    ...["room", "feed", "outbox", "blockedUsers", "transcript", "history", "liveEnd", "user", "isShown"],
    ...["roomHeader", "pageTitle", "presence", "pinned", "myRooms", "recipient", "typing", "pendingMessages"],
  ];

  // Rows that have come and are not in the log yet: those that come together are drawn together.
  #rows = [];
  // By the type of an event.
  #handlers = {
    welcome: (event) => {
      // That of the connection, before those of rooms.
      if (!event.room) return;
      this.roomHeader.replace(event.room);
      this.presence.replace(event.present);
      this.pinned.replace(event.pins);
      this.feed.expect(event.head);
    },
    reset: (event) => this.feed.reset(event),
    head: ({ seq }) => this.feed.expect(seq),
    posted: (event) => {
      // Of a room that is not shown no rows come. They do when it is.
      if (this.isShown) this.feed.expect(event.seq);
      this.outbox.posted(event, this.feed.cursor.seq);
    },
    error: (event) => this.outbox.refused(event),
    presence: (event) => {
      this.presence.change(event);
      this.typing.stopped(...event.exited.map(({ id }) => id));
    },
    present: (event) => this.presence.compare(event),
    typing: ({ user }) => this.blockedUsers.has(user.id) || this.typing.started(user),
    person: (event) => this.#rename(event),
  };

  constructor(page) {
    super(page);
    this.feed.addEventListener("rows", ({ detail }) => this.#showRows(detail));
    this.feed.addEventListener("reset", ({ detail }) => {
      // To a socket, `welcome` has told them.
      if (detail.pins) this.pinned.replace(detail.pins);
      this.startFrom(detail);
      this.roomHeader.apply(detail.messages);
    });
  }

  /** Show these rows and no others: the newest of the log or, with a `window`, those around a row of it. */
  startFrom({ messages, more, window = null }) {
    this.outbox.settle(messages, this.user);
    this.transcript.replace(messages, { seq: window?.seq, isLive: !window?.more_after });
    this.history.restart(more);
    this.liveEnd.restart();
  }

  /** An event about this room, or about no room. */
  take(event) {
    if (event.type === "message") {
      this.#rows.push(event);
      return;
    }
    this.flush();
    this.#handlers[event.type]?.(event);
  }

  /** These were all events that came together. */
  flush() {
    this.feed.apply(this.#rows.splice(0));
  }

  #showRows(news) {
    this.pinned.apply(news);
    const rows = news.filter(isDrawn);
    this.outbox.settle(rows, this.user);
    this.transcript.append(rows);
    for (const row of rows) {
      if (row.kind === "redacted") this.transcript.erase(targetOf(row));
    }
    this.roomHeader.apply(rows);
    this.typing.stopped(...rows.map(({ author }) => author?.id));
    this.myRooms.said(this.room.id, rows);
    this.pageTitle.count(rows.filter((row) => this.#isNews(row)).length);
  }

  /** A message of somebody else whom the user has not blocked. */
  #isNews(row) {
    return isMessage(row) && row.author?.id !== this.user.id && !this.blockedUsers.has(row.author?.id);
  }

  #rename({ id, username, display_name: shown, picture }) {
    const user = { id, username, display_name: shown, picture };
    const parts = [this.presence, this.pinned, this.transcript, this.pendingMessages, this.roomHeader, this.typing];
    for (const part of parts) part.rename(user);
    this.recipient?.rename(user);
  }
}
