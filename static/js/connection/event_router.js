// Takes what the server says to the parts that show it.

import { Component } from "../lib/component.js";
import { isDrawn, isMessage, targetOf } from "../transcript/message.js";

export class EventRouter extends Component {
  static needs = [
    ...["connection", "banner", "feed", "outbox", "blockedUsers", "transcript", "history", "liveEnd", "user"],
    ...["roomHeader", "pageTitle", "presence", "pinned", "myRooms", "recipient", "typing", "pendingMessages"],
  ];

  // By the type of an event. Rows are not here: rows that come together are drawn together.
  #handlers = {
    welcome: (event) => {
      this.roomHeader.replace(event.room);
      this.presence.replace(event.present);
      // A process of before, in the middle of a rolling restart, tells none.
      this.pinned.replace(event.pins ?? []);
      this.feed.expect(event.head);
      this.banner.showReadOnly(event.read_only);
    },
    read_only: ({ on }) => this.banner.showReadOnly(on),
    reset: (event) => this.feed.reset(event),
    head: ({ seq }) => this.feed.expect(seq),
    posted: (event) => {
      this.feed.expect(event.seq);
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
    blocks: () => this.blockedUsers.refresh(),
    unread: (event) => this.myRooms.apply(event),
    read: (event) => this.myRooms.apply(event),
    rooms: (event) => this.myRooms.apply(event),
  };

  constructor(page) {
    super(page);
    this.connection.addEventListener("events", ({ detail }) => this.#route(detail));
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

  #route(events) {
    let rows = [];
    for (const event of events) {
      if (event.type === "message") {
        rows.push(event);
        continue;
      }
      this.feed.apply(rows);
      rows = [];
      this.#handlers[event.type]?.(event);
    }
    this.feed.apply(rows);
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
    if (rows.some(isMessage)) this.myRooms.raiseThisRoom();
    this.pageTitle.count(rows.filter((row) => this.#isNews(row)).length);
  }

  /** A message of somebody else whom the user has not blocked. */
  #isNews(row) {
    return isMessage(row) && row.author?.id !== this.user.id && !this.blockedUsers.has(row.author?.id);
  }

  #rename({ id, username, display_name: shown, picture }) {
    const user = { id, username, display_name: shown, picture };
    if (id === this.user.id) Object.assign(this.user, user);
    const parts = [this.presence, this.pinned, this.transcript, this.pendingMessages, this.roomHeader, this.typing];
    for (const part of parts) part.rename(user);
    this.recipient?.rename(user);
  }
}
