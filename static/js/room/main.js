// The room's page. Start reading here: what stays while the rooms change is made in this order, and each part finds the
// others, and those of the room that is shown (room.js), in `shell`.

import { Attention } from "../connection/attention.js";
import { Banner } from "../connection/banner.js";
import { ConnectionStatus } from "../connection/connection_status.js";
import { SiteEvents } from "../connection/site_events.js";
import { connectDialogButtons } from "../dialogs/dialog_buttons.js";
import { KeyboardShortcuts } from "../dialogs/keyboard_shortcuts.js";
import { handleFileClicks } from "../files/file_clicks.js";
import { whenShown } from "../lib/frame.js";
import { askAgainWhenRestored } from "../lib/restored.js";
import { say } from "../lib/strings.js";
import { BlockNews } from "../sidebar/block_news.js";
import { MyRooms } from "../sidebar/my_rooms.js";
import { OwnName } from "../sidebar/own_name.js";
import { PageTitle } from "../sidebar/page_title.js";
import { PeoplePanel, RoomsPanel } from "../sidebar/panel.js";
import { SideSections } from "../sidebar/side_sections.js";
import { loadFormatter } from "../transcript/formatter.js";
import { Navigation } from "./navigation.js";
import { openConnection } from "./network.js";
import { readRoom, readShell } from "./page.js";
import { focusRoom, openRoom } from "./room.js";

const own = readShell();
own.shown = readRoom(own);
own.pages.set(own.shown.room.id, own.shown);
const shell = new Proxy(own, { get: (_, name) => (name in own ? own[name] : own.shown[name]) });
const setShown = (room) => {
  own.shown = room;
  own.pages.delete(room.room.id);
  own.pages.set(room.room.id, room);
};
// One for all rooms: they share the place of the menu.
let items = null;
const menuItems = async () => {
  // The promise is kept, so that a second click meanwhile makes no second menu; of one that failed nothing is.
  items ??= import("../dialogs/menu_items.js").then(({ MenuItems }) => new MenuItems(shell));
  return items.catch((error) => {
    items = null;
    throw error;
  });
};
// What is loaded later gets no copies of these.
Object.assign(own, openConnection(own), { readRoom: (source) => readRoom(own, source), openRoom, focusRoom, setShown, menuItems, loadFormatter, say });

const parts = {
  ...{ roomsPanel: RoomsPanel, peoplePanel: PeoplePanel },
  ...{ sideSections: SideSections, myRooms: MyRooms, pageTitle: PageTitle, ownName: OwnName, blockNews: BlockNews },
  ...{ keyboardShortcuts: KeyboardShortcuts },
  ...{ banner: Banner, attention: Attention },
  ...{ siteEvents: SiteEvents, connectionStatus: ConnectionStatus },
  ...{ navigation: Navigation },
};
for (const [name, Part] of Object.entries(parts)) own[name] = new Part(shell);
openRoom(own.shown);

askAgainWhenRestored();
addEventListener("beforeprint", () => shell.transcript.showAll());
connectDialogButtons(document);
// Neither is needed by everybody. Where they do not come, menus and keyboards are as browsers have them.
if (matchMedia("(pointer: coarse)").matches) import("../lib/keyboard_space.js").catch(() => {});
addEventListener("beforetoggle", () => import("../dialogs/popups.js").catch(() => {}), { capture: true, once: true });
handleFileClicks(own.fixedTargets.conversation, shell);
whenShown(() => own.connection.start());
focusRoom(own.shown);
