// The talk is over for this person: why, and the way back.

import { say } from "../lib/strings.js";

const BACK_TO_LIST_MS = 6000;
const SIGNED_OUT = 4401;
const ROOM_DELETED = 4410;
const TITLES = {
  [SIGNED_OUT]: "ended_signed_out",
  4403: "ended_removed",
  4404: "ended_no_such_room",
  [ROOM_DELETED]: "ended_room_deleted",
};
// Reasons that say more than their close code.
const TITLES_OF_REASONS = { left: "ended_left", version: "ended_version" };

/** Show `dialog` for an end with this close code and reason; `detail` is the server's sentence. */
export function showEnding({ code, reason, detail }, { dialog, title, sentence, way, listUrl, loginUrl }) {
  title.textContent = say(TITLES_OF_REASONS[reason] ?? TITLES[code] ?? "ended");
  sentence.textContent = [detail, code === ROOM_DELETED ? say("back_soon") : ""].filter(Boolean).join(" ");
  way.href = listUrl;
  way.textContent = say("to_list");
  if (code === SIGNED_OUT) {
    way.href = `${loginUrl}?next=${encodeURIComponent(location.pathname)}`;
    way.textContent = say("to_login");
  } else if (reason === "version") {
    way.href = location.pathname;
    way.textContent = say("reload");
  }
  // There is nothing behind this dialog to go back to.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
  way.focus();
  // replace(): the browser's "back" is not to lead into a room that is gone.
  if (code === ROOM_DELETED) setTimeout(() => location.replace(listUrl), BACK_TO_LIST_MS);
}
