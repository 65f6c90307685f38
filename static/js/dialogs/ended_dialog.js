// The dialog that says why this user is no longer in the room, and leads away from it.

import { Component } from "../lib/component.js";
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

export class EndedDialog extends Component {
  static targets = ["ended", "endedTitle", "endedSentence", "endedLink"];
  static needs = ["urls"];

  /** `code` is the close code, `detail` the server's sentence. */
  show({ code, reason, detail }) {
    const dialog = this.endedTarget;
    this.endedTitleTarget.textContent = say(TITLES_OF_REASONS[reason] ?? TITLES[code] ?? "ended");
    const sentences = [detail, code === ROOM_DELETED ? say("back_soon") : ""];
    this.endedSentenceTarget.textContent = sentences.filter(Boolean).join(" ");
    const { href, text } = this.#wayOut(code, reason);
    Object.assign(this.endedLinkTarget, { href, textContent: text });
    // Behind this dialog there is nothing to go back to.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
    this.endedLinkTarget.focus();
    // replace(): the browser's "Back" must not lead into a room that is gone.
    if (code === ROOM_DELETED) setTimeout(() => location.replace(this.urls.list), BACK_TO_LIST_MS);
  }

  #wayOut(code, reason) {
    if (code === SIGNED_OUT) {
      const { login } = this.endedTarget.dataset;
      return { href: `${login}?next=${encodeURIComponent(location.pathname)}`, text: say("to_login") };
    }
    if (reason === "version") return { href: location.pathname, text: say("reload") };
    return { href: this.urls.list, text: say("to_list") };
  }
}
