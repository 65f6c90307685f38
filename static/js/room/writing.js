// What one writes: to whom, the words, and what becomes of them until the room shows them.

import { getJson } from "../lib/api.js";
import { sessionArea } from "../lib/store.js";
import { Asides } from "../transcript/private_echoes.js";
import { makeFiles } from "./attaching.js";
import { Composer } from "../composer/composer.js";
import { Pace } from "../composer/slow_down_notice.js";
import { Sending } from "../composer/pending_messages.js";
import { To } from "../composer/recipient.js";
import { Typing } from "../composer/typing.js";

export function makeWriting(page, connection, { scroller, transcript }, { people, peoplePanel }) {
  const { transport, privately, outbox } = connection;
  const { parts, you, room, times, storeOf } = page;
  const to = room.kind === "direct" ? null : makeTo(page, people);
  const goesTo = () => to?.person ?? null;
  const { files, attach } = makeFiles(page, connection, scroller, people, { to: goesTo, composer: () => composer });
  const composer = new Composer({
    ...parts,
    store: storeOf("draft"),
    mayGo: () => !to?.refuses() && !files.isLoading,
    hasMore: () => files.hasChosen,
  });
  to?.addEventListener("change", () => {
    // On a phone the people, of whom one was chosen, stand over the composer.
    peoplePanel.close();
    composer.focus();
  });
  composer.addEventListener("leave", () => scroller.focus());
  composer.addEventListener("send", ({ detail: body }) => {
    if (files.hasChosen) files.send(body, goesTo());
    else outbox.add(body, goesTo());
    scroller.toBottom();
  });
  const typing = new Typing({ place: parts.typing, you, composer, tell: () => transport.typing() });
  new Pace({ place: parts.pace, outbox });
  const sending = new Sending({
    ...{ place: parts.sending, outbox, transcript, scroller, composer, you, times },
    takeBackTo: (person) => to?.choose(person),
  });
  const asides = new Asides({ store: storeOf("asides", sessionArea()), transcript, scroller, you, times });
  privately.addEventListener("delivered", ({ detail: entry }) => {
    outbox.delivered(entry);
    asides.add(entry);
  });
  return { to, composer, attach, typing, sending };
}

function makeTo({ parts, you, urls, storeOf }, people) {
  return new To({
    ...parts,
    ...{ store: storeOf("draft"), here: () => people.here, you },
    search: async (q) => (await getJson(urls.members, { q })).members.map(({ person }) => person),
  });
}
