// What the server says, led to the parts that show it.

import { isTalk } from "./message.js";

export function hear({ parts, you }, connection, talk, around, writing) {
  const { feed, transport, outbox, blocks } = connection;
  const { transcript, startFrom } = talk;
  const { header, people, sideBar, title } = around;
  const { to, typing, sending } = writing;

  // By the kind of event. Rows are gathered: what came together is drawn together.
  const heard = {
    welcome: (event) => {
      header.replace(event.room);
      people.replace(event.present);
      feed.expect(event.head);
      showReadOnly(event.read_only);
    },
    read_only: ({ on }) => showReadOnly(on),
    reset: (event) => feed.reset(event),
    head: ({ seq }) => feed.expect(seq),
    posted: (event) => {
      feed.expect(event.seq);
      outbox.posted(event, feed.cursor.seq);
    },
    error: (event) => outbox.refused(event),
    presence: (event) => {
      people.change(event);
      typing.stopped(...event.exited.map(({ id }) => id));
    },
    present: (event) => people.compare(event),
    typing: ({ user }) => blocks.has(user.id) || typing.heard(user),
    person: (event) => rename(event),
    blocks: () => blocks.refresh(),
    unread: (event) => sideBar.hear(event),
    read: (event) => sideBar.hear(event),
    rooms: (event) => sideBar.hear(event),
  };

  transport.addEventListener("events", ({ detail: events }) => {
    let rows = [];
    for (const event of events) {
      if (event.type === "message") {
        rows.push(event);
        continue;
      }
      feed.apply(rows);
      rows = [];
      heard[event.type]?.(event);
    }
    feed.apply(rows);
  });

  feed.addEventListener("rows", ({ detail: rows }) => {
    outbox.settle(rows, you);
    transcript.append(rows);
    for (const { kind, body } of rows) {
      if (kind === "redacted") transcript.erase(Number(body));
    }
    header.apply(rows);
    typing.stopped(...rows.map(({ author }) => author?.id));
    if (rows.some(isTalk)) sideBar.talked();
    title.count(rows.filter(calls).length);
  });

  feed.addEventListener("reset", ({ detail }) => {
    startFrom(detail);
    header.apply(detail.messages);
  });

  /** Nobody can write while the site is looked after; words that wait go when that is over. */
  function showReadOnly(isReadOnly) {
    const isOver = !parts.readOnly.hidden && !isReadOnly;
    parts.readOnly.hidden = !isReadOnly;
    if (isOver) outbox.resume();
  }

  /** Words of somebody else, whom this person wants to hear. */
  function calls(row) {
    return isTalk(row) && row.author?.id !== you.id && !blocks.has(row.author?.id);
  }

  function rename({ id, username, display_name: shown, picture }) {
    const person = { id, username, display_name: shown, picture };
    if (id === you.id) Object.assign(you, person);
    for (const place of [people, transcript, sending, header]) place.rename(person);
    typing.renamed(person);
    to?.rename(person);
  }
}
