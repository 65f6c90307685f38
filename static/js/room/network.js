// What comes from the server and goes to it: the room's log, the connection, and the messages that wait to be sent.

import { Outbox } from "../composer/outbox.js";
import { PrivateMessages } from "../composer/private_messages.js";
import { Connection } from "../connection/connection.js";
import { Feed } from "../connection/feed.js";
import { getJson } from "../lib/api.js";
import { BlockedUsers } from "../sidebar/blocked_users.js";

export function openNetwork({ room, hash, blocked, websockets, urls, storeOf }) {
  // Whichever rows the page has come with, it goes on from the head of the log.
  const feed = new Feed({ seq: room.head, hash }, {
    fetchAfter: ({ seq, hash }) => getJson(urls.messages, { after: seq, hash: hash || null }),
  });
  const connection = new Connection({ urls, websockets, cursor: () => feed.cursor });
  const privateMessages = new PrivateMessages({
    directsUrl: urls.directs,
    messagesUrl: (id) => urls.messages.replace(room.id, id),
  });
  const outbox = new Outbox({
    store: storeOf("outbox"),
    send: (entry) => (entry.to ? privateMessages : connection).post(entry),
  });
  privateMessages.addEventListener("refused", ({ detail }) => outbox.refused(detail));
  return { feed, connection, privateMessages, outbox, blockedUsers: new BlockedUsers({ blocked, url: urls.blocks }) };
}
