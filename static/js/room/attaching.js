// Files as a part of writing: how they come to the composer, and how they go from there.

import { Attach } from "../composer/file_drop.js";
import { Files } from "../composer/attachments.js";
import { watchFiles } from "../files/file_clicks.js";
import { drawTalk, talkRow } from "../transcript/message.js";

/** `to()` is whom one writes to, null for everyone; `composer()` is where one writes. */
export function makeFiles(page, { outbox, privately }, scroller, people, { to, composer }) {
  const { parts, files: limits, you, room, urls, times, storeOf } = page;
  const tell = (sentence) => people.announce(sentence);
  const files = new Files({
    ...{ parts, limits, outbox, scroller, tell },
    drawTalk: ({ caption: body, to: person, at }) =>
      drawTalk({ ...talkRow({ author: you, body, to: person, at }), kind: "file" }, { you, times }),
    composer: { focus: () => composer().focus() },
    owner: `${you.id}:${room.id}`,
    store: storeOf("files"),
    filesUrl: (id) => urls.files.replace(room.id, id ?? room.id),
    talkWith: (person) => privately.talkWith(person),
  });
  const attach = new Attach({ ...parts, to, tell });
  attach.addEventListener("files", ({ detail }) => files.choose(detail));
  watchFiles(parts.view, parts);
  return { files, attach };
}
