// What the server wrote into a page: for what stays while the rooms change, and for the room.

import { pageJson, pageLanguage, partsOf, targetsOf } from "../lib/dom.js";
import { Store } from "../lib/store.js";
import { useStrings } from "../lib/strings.js";
import { Times } from "../lib/time.js";

/** What all rooms share. `shown` is the room that one sees, `rooms` are those of one's list, `pages` those that are kept. */
export function readShell() {
  const { you: user, rooms, blocked, websockets, hold_ms: holdMs, room, urls } = pageJson("room-data");
  const fixedTargets = targetsOf(document);
  for (const part of Object.values(partsOf(document))) for (const name in targetsOf(part)) delete fixedTargets[name];
  return {
    // The targets of a room have these, too.
    ...{ user, rooms, blocked, websockets, holdMs, fixedTargets },
    times: new Times(pageLanguage()),
    roomUrl: (id) => urls.room.replace(room.id, id),
    // id → room, the one that was shown last at the end
    pages: new Map(),
    shown: null,
  };
}

/** The room of a page, which is this document or a fetched one. It finds by their names what `shell` has, too. */
export function readRoom(shell, source = document) {
  const { room, urls, window, messages, more, hash, pins, present, files: fileLimits } = pageJson("room-data", source);
  useStrings(pageJson("strings", source), pageLanguage());
  const parts = partsOf(source);
  const life = new AbortController();
  return Object.assign(Object.create(shell, { isShown: { get: isShown } }), {
    ...{ room, urls, window, messages, more, hash, pins, present, fileLimits, parts, life, signal: life.signal },
    targets: Object.assign(Object.create(shell.fixedTargets), ...Object.values(parts).map(targetsOf)),
    // Of this user in this room: two people may use one browser. `area` is where it is kept, as for `Store`.
    storeOf: (name, area) => new Store(`chatsite:${name}:${shell.user.id}:${room.id}`, area),
  });
}

function isShown() {
  return this.shown === this;
}
