// The menus of users and messages: behind each name, in the list of people, and behind each message's own button.

import { postJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

// Where the arrow keys stop in the transcript.
const STOPS = ".message-more, .system-message-name";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class UserMenu extends Component {
  static targets = [
    ...["log", "presence", "link", "linkField"],
    ...["report", "reportForm", "reportReason", "reportProblem"],
  ];
  static needs = [
    ...["menu", "toast", "transcript", "presence", "recipient", "pinned"],
    ...["roomHeader", "blockedUsers", "user", "urls", "roomUrl"],
  ];

  constructor(page) {
    super(page);
    this.logTarget.addEventListener("click", ({ target }) => this.#clickedInLog(target));
    this.logTarget.addEventListener("keydown", (event) => this.#pressedInLog(event));
    this.presenceTarget.addEventListener("click", ({ target }) => this.#clickedInPresence(target));
    this.transcript.addEventListener("drawn", () => this.#setTabStop());
    this.#setTabStop();
  }

  #clickedInLog(target) {
    const opener = target.closest?.("button.message-name, .message-more, .system-message-name");
    const row = opener && this.transcript.rowAt(Number(opener.closest(".entry").dataset.seq));
    if (!row) return;
    if (opener.matches(".system-message-name")) {
      this.#open(opener, [row.author, row.subject].find((user) => user?.id === opener.dataset.user));
      return;
    }
    this.#open(opener, row.author, opener.matches(".message-more") ? row : null);
  }

  #clickedInPresence(target) {
    const opener = target.closest?.("button[data-user]");
    const user = opener && this.presence.find(opener.dataset.user);
    if (user) this.#open(opener, user);
  }

  /** `user` may be null, for a deleted account; `row` is the message that the menu is about, or null. */
  #open(opener, user, row = null) {
    const items = [...this.#itemsForUser(user), ...(row ? this.#itemsForMessage(row) : [])];
    if (items.length) this.menu.open(opener, say("menu_of", { name: user ? nameOf(user) : say("somebody") }), items);
  }

  #itemsForUser(user) {
    if (!user || user.id === this.user.id) return [];
    const { kind, role } = this.roomHeader.current;
    const items = [];
    if (kind !== "direct") items.push({ label: say("message_privately"), act: () => this.#openDirectRoom(user) });
    if (this.recipient) items.push({ label: say("write_from_here"), act: () => this.recipient.choose(user) });
    items.push(this.#blockItem(user));
    if (role === "admin") items.push({ label: say("manage_member"), act: () => this.#openSettings(user) });
    return items;
  }

  #blockItem(user) {
    const blocked = this.blockedUsers;
    if (blocked.has(user.id)) return { label: say("unblock"), act: () => this.#attempt(blocked.unblock(user)) };
    return { label: say("block"), act: () => this.#attempt(blocked.block(user)), isDangerous: true };
  }

  #itemsForMessage(row) {
    // Now, so that it is here at the click: some time after one, a browser lets nothing onto the clipboard.
    const dialogs = import("./message_dialogs.js");
    dialogs.catch(() => {});
    const items = [{ label: say("copy_link"), act: () => this.#openDialog(dialogs, "copyLink", row) }];
    if (this.pinned.canChange && !row.redacted) items.push(this.pinned.itemFor(row.seq));
    const isReportable = !row.redacted && row.author?.id !== this.user.id;
    const report = () => this.#openDialog(dialogs, "report", row);
    if (isReportable) items.push({ label: say("report"), act: report, isDangerous: true });
    return items;
  }

  async #openDialog(dialogs, name, row) {
    try {
      (await dialogs)[name](row, this);
    } catch {
      this.toast.show(say("try_later"));
    }
  }

  async #openDirectRoom({ username }) {
    const room = await this.#attempt(postJson(this.urls.directs, { username }));
    if (room) location.assign(this.roomUrl(room.id));
  }

  #openSettings({ username }) {
    location.assign(`${this.urls.settings}?q=${encodeURIComponent(username)}#members`);
  }

  /** Promise what `promise` does, or null after a failure, which is shown. */
  async #attempt(promise) {
    try {
      return await promise;
    } catch (error) {
      this.toast.show(error.message || say("try_later"));
      return null;
    }
  }

  /** The Tab key stops once in the whole log, at the newest button. The arrow keys lead to the others. */
  #setTabStop() {
    if (this.logTarget.contains(document.activeElement)) return;
    this.logTarget.querySelector(`:is(${STOPS})[tabindex='0']`)?.setAttribute("tabindex", "-1");
    this.#stops.at(-1)?.setAttribute("tabindex", "0");
  }

  #pressedInLog(event) {
    const step = STEPS[event.key];
    if (!step || !event.target.matches?.(STOPS)) return;
    const stops = this.#stops;
    const next = stops[stops.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  get #stops() {
    return [...this.logTarget.querySelectorAll(STOPS)];
  }
}
