// What stands around the talk: the room's head, who is here, and the other rooms.

import { Header } from "../sidebar/room_header.js";
import { Mute } from "../sidebar/mute_button.js";
import { Panel, wireDialogs } from "../sidebar/panel.js";
import { People } from "../sidebar/presence_list.js";
import { Rooms } from "../sidebar/my_rooms.js";
import { Title } from "../sidebar/page_title.js";

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
