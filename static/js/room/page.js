// What the server wrote into the page, and what all parts are made with.

import { pageJson, partsOf } from "../lib/dom.js";
import { Store } from "../lib/store.js";
import { useStrings } from "../lib/strings.js";
import { Times } from "../lib/time.js";

export function readPage() {
  const data = pageJson("room-data");
  const language = document.documentElement.lang;
  useStrings(pageJson("strings"), language);
  const { you, room, urls } = data;
  return {
    ...data,
    parts: partsOf(document),
    times: new Times(language),
    roomUrl: (id) => urls.room.replace(room.id, id),
    // Of this person in this room: two people may use one browser.
    storeOf: (name, area) => new Store(`chatsite:${name}:${you.id}:${room.id}`, area),
  };
}
