// What the menus of users and messages offer. It comes with the first of them.

import { postJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { Menu } from "./menu.js";
import { MessageBar } from "./message_bar.js";
import { copyLink, copyText, report } from "./message_dialogs.js";

export class MenuItems extends Component {
  static targets = ["link", "linkField", "report", "reportForm", "reportReason", "reportProblem"];
  static needs = ["toast", "recipient", "pinned", "roomHeader", "blockedUsers", "user", "urls", "roomUrl", "navigation"];

  /** The bar over a message, with what of its menu is at hand. */
  bar = new MessageBar();
  #menu;

  constructor(page) {
    super(page);
    this.#menu = new Menu(page);
  }

  /** `user` may be null, for a deleted account; `row` is the message that the menu is about, or null. */
  open(opener, user, row) {
    const items = this.#itemsFor(user, row);
    if (items.length) this.#menu.open(opener, say("menu_of", { name: user ? nameOf(user) : say("somebody") }), items);
  }

  /** Show the bar at the message of `row`. */
  showBar(message, row) {
    if (!this.bar.isAt(message)) this.bar.show(message, this.#itemsFor(row.author, row).filter(({ isAtHand }) => isAtHand));
  }

  /** What is done to a message most stands first, and what may be regretted last. */
  #itemsFor(user, row) {
    return [...(row ? this.#itemsForMessage(row) : []), ...this.#itemsForUser(user), ...(row ? this.#reportItem(row) : [])];
  }

  #itemsForUser(user) {
    if (!user || user.id === this.user.id) return [];
    const { kind, role } = this.roomHeader.current;
    const items = [];
    if (kind !== "direct") items.push({ label: say("message_privately"), icon: "privately", isAtHand: true, act: () => this.#openDirectRoom(user) });
    if (this.recipient) items.push({ label: say("write_from_here"), icon: "here", act: () => this.recipient.choose(user) });
    items.push(this.#blockItem(user));
    if (role === "admin") items.push({ label: say("manage_member"), icon: "member", act: () => this.#openSettings(user) });
    return items;
  }

  #blockItem(user) {
    const blocked = this.blockedUsers;
    if (blocked.has(user.id)) return { label: say("unblock"), icon: "block", act: () => this.#attempt(blocked.unblock(user)) };
    return { label: say("block"), icon: "block", act: () => this.#attempt(blocked.block(user)), isDangerous: true };
  }

  #itemsForMessage(row) {
    const items = [{ label: say("copy_link"), icon: "link", isAtHand: true, needsTap: true, act: () => copyLink(row, this) }];
    if (row.body && !row.redacted) items.unshift({ label: say("copy_text"), icon: "copy", isAtHand: true, needsTap: true, act: () => copyText(row, this) });
    if (this.pinned.canChange && !row.redacted) items.push({ ...this.pinned.itemFor(row.seq), icon: "pin", isAtHand: true });
    return items;
  }

  #reportItem(row) {
    const isReportable = !row.redacted && row.author?.id !== this.user.id;
    return isReportable ? [{ label: say("report"), icon: "report", act: () => report(row, this), isDangerous: true }] : [];
  }

  async #openDirectRoom({ username }) {
    const room = await this.#attempt(postJson(this.urls.directs, { username }));
    if (room) this.navigation.goTo(this.roomUrl(room.id));
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
}
