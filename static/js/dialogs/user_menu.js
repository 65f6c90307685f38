// What opens the menus of users and messages: each name, in the list of people too, and each message's own button, and a
// finger that stays on the message. The pointer and the focus bring a bar with some of it. What is in them
// (menu_items.js) is loaded with the first one.

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";

const LONG_PRESS_MS = 450;
// A finger that rests is not still.
const STILL_PX = 10;
const MESSAGE = ".log > .entry > .message";

export class UserMenu extends Component {
  static targets = ["log", "presence"];
  static needs = ["toast", "transcript", "presence", "menuItems", "messageWalk"];

  // The finger that is down: {x, y, timer}
  #finger = null;

  constructor(page) {
    super(page);
    const log = this.logTarget;
    log.addEventListener("click", ({ target }) => this.#clickedInLog(target));
    this.presenceTarget.addEventListener("click", ({ target }) => this.#clickedInPresence(target));
    log.addEventListener("pointerover", ({ target, pointerType }) => pointerType === "mouse" && this.#reached(target));
    log.addEventListener("pointerleave", () => this.#reached(null));
    log.addEventListener("focusin", ({ target }) => this.messageWalk.isAtMessage && this.#reached(target));
    log.addEventListener("focusout", ({ target, relatedTarget }) => {
      if (!target.closest(MESSAGE)?.contains(relatedTarget)) this.#reached(null);
    });
    log.addEventListener("pointerdown", (event) => event.pointerType === "touch" && this.#touched(event));
    log.addEventListener("pointermove", ({ x, y }) => {
      if (this.#finger && Math.hypot(x - this.#finger.x, y - this.#finger.y) > STILL_PX) this.#lift();
    });
    for (const name of ["pointerup", "pointercancel"]) log.addEventListener(name, () => this.#lift());
    // The browser's own menu, which some open for a finger that stays.
    log.addEventListener("contextmenu", (event) => this.#finger && event.preventDefault());
  }

  #rowOf(node) {
    return this.transcript.rowAt(Number(node.closest(".entry").dataset.seq));
  }

  /** The pointer or the focus is at a message now, or with null at none. */
  #reached(target) {
    const message = target?.closest(MESSAGE);
    const row = message && this.#rowOf(message);
    this.#withItems((items) => (row ? items.showBar(message, row) : items.bar.hide()), { isAsked: false });
  }

  #touched({ target, x, y }) {
    this.#lift();
    const message = target.closest(MESSAGE);
    // A link, a player and a button have a meaning of their own.
    if (!message || target.closest("a:not(.file-picture), audio, video, button")) return;
    const timer = setTimeout(() => {
      const row = this.#rowOf(message);
      if (row) this.#open(message.querySelector(".message-more"), row.author, row);
    }, LONG_PRESS_MS);
    this.#finger = { x, y, timer };
  }

  #lift() {
    clearTimeout(this.#finger?.timer);
    this.#finger = null;
  }

  #clickedInLog(target) {
    const opener = target.closest?.("button.message-name, .message-more, .system-message-name");
    const row = opener && this.#rowOf(opener);
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

  #open(opener, user, row = null) {
    this.#withItems((items) => items.open(opener, user, row));
  }

  async #withItems(act, { isAsked = true } = {}) {
    try {
      act(await this.menuItems());
    } catch {
      // The server is away: the next click asks again.
      if (isAsked) this.toast.show(say("try_later"));
    }
  }
}
