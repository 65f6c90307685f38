// The dialog that says why this user is no longer in the room, and leads away from it. It comes when that happens.

import { say } from "../lib/strings.js";
import { openDialog } from "./open_dialog.js";

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

/** `code` is the close code, `detail` the server's sentence; `page` has the targets and the addresses. */
export function showEnd({ code, reason, detail }, page) {
  const dialog = page.endedTarget;
  const title = say(TITLES_OF_REASONS[reason] ?? TITLES[code] ?? "ended");
  page.endedTitleTarget.textContent = title;
  const reasons = [detail, code === ROOM_DELETED ? say("back_soon") : ""].filter(Boolean).join(" ");
  page.endedSentenceTarget.textContent = reasons;
  const { href, text } = wayOut({ code, reason }, page);
  Object.assign(page.endedLinkTarget, { href, textContent: text });
  // Behind this dialog there is nothing to go back to.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  openDialog(dialog, [title, reasons].filter(Boolean).join("\n"));
  page.endedLinkTarget.focus();
  // replace(): the browser's "Back" must not lead into a room that is gone.
  if (code === ROOM_DELETED) setTimeout(() => location.replace(page.urls.list), BACK_TO_LIST_MS);
}

function wayOut({ code, reason }, { urls, endedTarget }) {
  if (code === SIGNED_OUT) {
    const { login } = endedTarget.dataset;
    return { href: `${login}?next=${encodeURIComponent(location.pathname)}`, text: say("to_login") };
  }
  if (reason === "version") return { href: location.pathname, text: say("reload") };
  return { href: urls.list, text: say("to_list") };
}
