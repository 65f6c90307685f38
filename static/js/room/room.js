// A room as it is shown, with all parts of its own: made in this order, and each finds the others in the room. Whoever is
// not in here is of all rooms (main.js).

import { Attachments } from "../composer/attachments.js";
import { Composer } from "../composer/composer.js";
import { FileDrop } from "../composer/file_drop.js";
import { PendingMessages } from "../composer/pending_messages.js";
import { Recipient } from "../composer/recipient.js";
import { SlowDownNotice } from "../composer/slow_down_notice.js";
import { Typing } from "../composer/typing.js";
import { EventRouter } from "../connection/event_router.js";
import { UserMenu } from "../dialogs/user_menu.js";
import { onNextFrame } from "../lib/frame.js";
import { say } from "../lib/strings.js";
import { MineButtons } from "../sidebar/mine_buttons.js";
import { Pinned } from "../sidebar/pinned.js";
import { PresenceList } from "../sidebar/presence_list.js";
import { RoomFiles } from "../sidebar/room_files.js";
import { RoomHeader } from "../sidebar/room_header.js";
import { Toast } from "../sidebar/toast.js";
import { Announcer } from "../transcript/announcer.js";
import { History } from "../transcript/history.js";
import { KeptPlace } from "../transcript/kept_place.js";
import { LiveEnd } from "../transcript/live_end.js";
import { MessageWalk } from "../transcript/message_walk.js";
import { NewestButton } from "../transcript/newest_button.js";
import { PrivateEchoes } from "../transcript/private_echoes.js";
import { ReadPosition } from "../transcript/read_position.js";
import { Scroller } from "../transcript/scroller.js";
import { Transcript } from "../transcript/transcript.js";
import { openLog } from "./network.js";

/** Make the parts of `room` (page.js), whose elements are in the document. */
export function openRoom(room) {
  const isDirect = room.room.kind === "direct";
  Object.assign(room, openLog(room));
  const parts = {
    ...{ scroller: Scroller, transcript: Transcript, history: History, liveEnd: LiveEnd },
    ...{ messageWalk: MessageWalk, readPosition: ReadPosition, keptPlace: KeptPlace },
    ...{ announcer: Announcer, newestButton: NewestButton },
    ...{ roomHeader: RoomHeader, mineButtons: MineButtons, toast: Toast },
    ...{ pinned: Pinned, roomFiles: RoomFiles, presence: PresenceList },
    // In a direct room there is nobody else to write to.
    ...(isDirect ? {} : { recipient: Recipient }),
    ...{ attachments: Attachments, composer: Composer, fileDrop: FileDrop, typing: Typing },
    ...{ slowDownNotice: SlowDownNotice, pendingMessages: PendingMessages, privateEchoes: PrivateEchoes },
    ...{ userMenu: UserMenu },
    ...{ eventRouter: EventRouter },
  };
  for (const [name, Part] of Object.entries(parts)) room[name] = new Part(room);
  room.composer.addEventListener("writing", () => room.attention.come());
  room.eventRouter.startFrom(room);
  // They are in the transcript now, which does not keep them for ever.
  room.messages = null;
}

/** Give the focus to what one came for. */
export function focusRoom({ window, transcript, toast, composer }) {
  if (window?.is_link) {
    onNextFrame(() => transcript.focusLinked());
    if (!window.is_found) toast.show(say("nearest_message"));
  } else if (matchMedia("(hover: hover)").matches) {
    // On a phone the keyboard would cover half of the transcript that the user came to read.
    onNextFrame(() => composer.focus());
  }
}
