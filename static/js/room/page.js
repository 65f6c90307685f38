// What the server wrote into the page, for all parts of it.

import { pageJson, targetsOf } from "../lib/dom.js";
import { Store } from "../lib/store.js";
import { useStrings } from "../lib/strings.js";
import { Times } from "../lib/time.js";

export function readPage() {
  const { you: user, files: fileLimits, ...data } = pageJson("room-data");
  const language = document.documentElement.lang;
  useStrings(pageJson("strings"), language);
  const { room, urls } = data;
  return {
    ...data,
    user,
    fileLimits,
    targets: targetsOf(document),
    times: new Times(language),
    roomUrl: (id) => urls.room.replace(room.id, id),
    // Of this user in this room: two people may use one browser. `area` is where it is kept, as for `Store`.
    storeOf: (name, area) => new Store(`chatsite:${name}:${user.id}:${room.id}`, area),
  };
}
