// The room's page. Start reading here: its parts are made in this order, and each finds the others in `page`.

import { Attachments } from "../composer/attachments.js";
import { Composer } from "../composer/composer.js";
import { FileDrop } from "../composer/file_drop.js";
import { PendingMessages } from "../composer/pending_messages.js";
import { Recipient } from "../composer/recipient.js";
import { SlowDownNotice } from "../composer/slow_down_notice.js";
import { Typing } from "../composer/typing.js";
import { Banner } from "../connection/banner.js";
import { ConnectionStatus } from "../connection/connection_status.js";
import { EventRouter } from "../connection/event_router.js";
import { OtherRoomNotice } from "../connection/other_room_notice.js";
import { connectDialogButtons } from "../dialogs/dialog_buttons.js";
import { EndedDialog } from "../dialogs/ended_dialog.js";
import { KeyboardShortcuts } from "../dialogs/keyboard_shortcuts.js";
import { Menu } from "../dialogs/menu.js";
import { UserMenu } from "../dialogs/user_menu.js";
import { handleFileClicks } from "../files/file_clicks.js";
import { onNextFrame, whenShown } from "../lib/frame.js";
import { say } from "../lib/strings.js";
import { MuteButton } from "../sidebar/mute_button.js";
import { MyRooms } from "../sidebar/my_rooms.js";
import { PageTitle } from "../sidebar/page_title.js";
import { PeoplePanel, RoomsPanel } from "../sidebar/panel.js";
import { Pinned } from "../sidebar/pinned.js";
import { PresenceList } from "../sidebar/presence_list.js";
import { RoomHeader } from "../sidebar/room_header.js";
import { Toast } from "../sidebar/toast.js";
import { Announcer } from "../transcript/announcer.js";
import { History } from "../transcript/history.js";
import { LiveEnd } from "../transcript/live_end.js";
import { NewestButton } from "../transcript/newest_button.js";
import { PrivateEchoes } from "../transcript/private_echoes.js";
import { ReadPosition } from "../transcript/read_position.js";
import { Scroller } from "../transcript/scroller.js";
import { Transcript } from "../transcript/transcript.js";
import { openNetwork } from "./network.js";
import { readPage } from "./page.js";

const page = readPage();
const isDirect = page.room.kind === "direct";
Object.assign(page, openNetwork(page));

const parts = {
  ...{ scroller: Scroller, transcript: Transcript, history: History, liveEnd: LiveEnd },
  ...{ readPosition: ReadPosition },
  ...{ announcer: Announcer, newestButton: NewestButton },
  ...{ pageTitle: PageTitle, roomHeader: RoomHeader, muteButton: MuteButton, toast: Toast },
  ...{ pinned: Pinned, presence: PresenceList, myRooms: MyRooms, peoplePanel: PeoplePanel, roomsPanel: RoomsPanel },
  // In a direct room there is nobody else to write to.
  ...(isDirect ? {} : { recipient: Recipient }),
  ...{ attachments: Attachments, composer: Composer, fileDrop: FileDrop, typing: Typing },
  ...{ slowDownNotice: SlowDownNotice, pendingMessages: PendingMessages, privateEchoes: PrivateEchoes },
  ...{ menu: Menu, userMenu: UserMenu },
  ...{ keyboardShortcuts: KeyboardShortcuts },
  ...{ banner: Banner, otherRoomNotice: OtherRoomNotice, endedDialog: EndedDialog },
  ...{ eventRouter: EventRouter, connectionStatus: ConnectionStatus },
};
for (const [name, Part] of Object.entries(parts)) page[name] = new Part(page);

connectDialogButtons();
handleFileClicks(page.targets.transcriptView, page);
page.eventRouter.startFrom(page);
whenShown(() => page.connection.start());
if (page.window?.is_link) {
  onNextFrame(() => page.transcript.focusLinked());
  if (!page.window.is_found) page.toast.show(say("nearest_message"));
} else if (matchMedia("(hover: hover)").matches) {
  // On a phone the keyboard would cover half of the transcript that the user came to read.
  onNextFrame(() => page.composer.focus());
}
