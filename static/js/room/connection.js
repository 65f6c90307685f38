// What comes from the server and goes to it: the room's log, the line that it comes by, and what is to be sent.

import { getJson } from "../lib/api.js";
import { Blocks } from "./blocks.js";
import { Feed } from "./feed.js";
import { Outbox } from "./outbox.js";
import { Privately } from "./privately.js";
import { Transport } from "./transport.js";

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
