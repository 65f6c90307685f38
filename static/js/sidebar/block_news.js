// Says whom the user has just blocked, and takes it back: the item in the menu acts at once.

import { Component } from "../lib/component.js";
import { button } from "../lib/dom.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

export class BlockNews extends Component {
  static needs = ["blockedUsers", "scroller", "toast"];

  constructor(page) {
    super(page);
    this.blockedUsers.addEventListener("blocked", ({ detail }) => this.#tell(detail));
  }

  #tell(user) {
    const undo = button("btn btn-sm btn-link", say("undo"), () => this.#unblock(user));
    this.toast.show(`${say("blocked", { name: nameOf(user) })} `, undo);
  }

  async #unblock(user) {
    // The button, which has the focus, goes.
    this.scroller.focus();
    this.toast.show("");
    try {
      await this.blockedUsers.unblock(user);
    } catch (error) {
      this.toast.show(error.message || say("try_later"));
    }
  }
}
