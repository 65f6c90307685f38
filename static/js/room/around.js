// What stands around the talk: the room's head, who is here, and the other rooms.

import { Header } from "./header.js";
import { Mute } from "./mute.js";
import { Panel, wireDialogs } from "./panel.js";
import { People } from "./people.js";
import { Rooms } from "./rooms.js";
import { Title } from "./title.js";

export function makeAround({ parts, you, room, rooms, present, urls, roomUrl }) {
  const title = new Title(room.name);
  const header = new Header({
    ...{ name: parts.name, topic: parts.topic, members: parts.members, kind: parts.kind },
    ...{ room, you, title },
  });
  new Mute({ button: parts.mute, url: urls.mine });
  const people = new People({
    you,
    list: parts.people,
    counts: [parts.count, parts.countShort],
    news: parts.news,
    present,
  });
  const sideBar = new Rooms({
    ...{ list: parts.rooms, talks: parts.talks, badge: parts.sideUnread },
    ...{ here: room.id, rooms, url: urls.rooms, roomUrl },
  });
  wireDialogs();
  return { title, header, people, sideBar, ...makePanels(parts) };
}

/** The style sheet (room.css) has the same widths. */
function makePanels(parts) {
  const behind = parts.talk;
  const peoplePanel = new Panel({
    ...{ panel: parts.panel, button: parts.panelButton, close: parts.panelClose },
    ...{ behind, wide: "(min-width: 60rem)" },
  });
  const roomsPanel = new Panel({
    ...{ panel: parts.side, button: parts.sideButton, close: parts.sideClose },
    ...{ behind, wide: "(min-width: 72rem)" },
  });
  return { peoplePanel, roomsPanel };
}
