// What comes from the server and goes to it: the room's log, the line that it comes by, and what is to be sent.

import { getJson } from "../lib/api.js";
import { Blocks } from "../sidebar/blocked_users.js";
import { Feed } from "../connection/feed.js";
import { Outbox } from "../composer/outbox.js";
import { Privately } from "../composer/private_messages.js";
import { Transport } from "../connection/connection.js";

export function makeConnection({ room, messages, blocked, websockets, urls, storeOf }) {
  const feed = new Feed(messages, {
    fetchAfter: ({ seq, hash }) => getJson(urls.messages, { after: seq, hash: hash || null }),
  });
  const transport = new Transport({ urls, websockets, cursor: () => feed.cursor });
  const privately = new Privately({
    directsUrl: urls.directs,
    messagesUrl: (id) => urls.messages.replace(room.id, id),
  });
  const outbox = new Outbox({
    store: storeOf("outbox"),
    send: (entry) => (entry.to ? privately : transport).post(entry),
  });
  privately.addEventListener("refused", ({ detail }) => outbox.refused(detail));
  return { feed, transport, privately, outbox, blocks: new Blocks({ blocked, url: urls.blocks }) };
}
