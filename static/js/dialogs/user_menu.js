// What opens the menus of users and messages: each name, in the list of people too, and each message's own button. What
// is in them (menu_items.js) is loaded with the first one.

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";

export class UserMenu extends Component {
  static targets = ["log", "presence"];
  static needs = ["toast", "transcript", "presence", "menuItems"];

  constructor(page) {
    super(page);
    this.logTarget.addEventListener("click", ({ target }) => this.#clickedInLog(target));
    this.presenceTarget.addEventListener("click", ({ target }) => this.#clickedInPresence(target));
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

  async #open(opener, user, row = null) {
    try {
      (await this.menuItems()).open(opener, user, row);
    } catch {
      // The server is away: the next click asks again.
      this.toast.show(say("try_later"));
    }
  }
}
