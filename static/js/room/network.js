// What comes from the server and goes to it: the connection of all rooms and, of each room, its log and the messages that
// wait to be sent.

import { Outbox } from "../composer/outbox.js";
import { PrivateMessages } from "../composer/private_messages.js";
import { Connection } from "../connection/connection.js";
import { Feed } from "../connection/feed.js";
import { postOf } from "../connection/posts.js";
import { getJson, postJson } from "../lib/api.js";
import { BlockedUsers } from "../sidebar/blocked_users.js";

/** `shown` is the room that the page has come with. */
export function openConnection({ shown, blocked, websockets }) {
  const { room, urls } = shown;
  const connection = new Connection({
    room: room.id,
    urls: { ...urls, messages: (id) => urls.messages.replace(room.id, id), read: (id) => urls.read.replace(room.id, id) },
    websockets,
    cursor: () => shown.feed.cursor,
  });
  return { connection, blockedUsers: new BlockedUsers({ blocked, url: urls.blocks }) };
}

export function openLog({ room, hash, urls, storeOf, signal, connection, holdMs }) {
  // Whichever rows the page has come with, it goes on from the head of the log.
  const feed = new Feed({ seq: room.head, hash }, {
    fetchAfter: ({ seq, hash }) => getJson(urls.messages, { after: seq, hash: hash || null }),
  });
  const privateMessages = new PrivateMessages({
    directsUrl: urls.directs,
    messagesUrl: (id) => urls.messages.replace(room.id, id),
  });
  const outbox = new Outbox({
    store: storeOf("outbox"),
    send: (entry) => (entry.to ? privateMessages.post(entry) : connection.post(room.id, entry)),
    signal,
    holdMs,
  });
  // Who closes the page, or reloads it, takes nothing back any more. What does not arrive is sent by the next page: the
  // server takes a message once.
  addEventListener("pagehide", () => {
    for (const entry of outbox.release()) if (!entry.to) postJson(urls.messages, postOf(entry), { keepalive: true }).catch(() => {});
  }, { signal });
  privateMessages.addEventListener("refused", ({ detail }) => outbox.refused(detail));
  return { feed, privateMessages, outbox };
}
