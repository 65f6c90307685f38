// Who is typing: sent to the others while this user types, and shown while they do.

import { Component } from "../lib/component.js";
import { list, say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

// Sent again after this time, while the typing goes on. The server passes on no more than this either.
const SEND_EVERY_MS = 3000;
// Shown for this long after it was last sent: twice the above, so that one that is lost is not seen.
const SHOW_MS = 6000;
const MOST_NAMED = 3;

/** Its line is hidden from screen readers: it changes too often to be listened to. */
export class Typing extends Component {
  static targets = ["typing"];
  // There is no recipient in a direct room.
  static needs = ["user", "room", "composer", "connection", "recipient"];

  #sentAt = 0;
  // id → {user, timer}
  #typists = new Map();

  constructor(page) {
    super(page);
    this.composer.addEventListener("writing", () => this.#send());
  }

  started(user) {
    if (user.id === this.user.id) return;
    this.#remove(user.id);
    const timer = setTimeout(() => this.stopped(user.id), SHOW_MS);
    this.#typists.set(user.id, { user, timer });
    this.#draw();
  }

  /** Their messages have come, or they have left the room. */
  stopped(...ids) {
    if (ids.filter((id) => this.#remove(id)).length) this.#draw();
  }

  clear() {
    this.stopped(...this.#typists.keys());
  }

  rename(user) {
    const typist = this.#typists.get(user.id);
    if (!typist) return;
    typist.user = user;
    this.#draw();
  }

  #send() {
    const now = Date.now();
    // That somebody writes privately is nothing for the room to see.
    if (this.recipient?.chosen || now - this.#sentAt < SEND_EVERY_MS) return;
    if (this.connection.typing(this.room.id)) this.#sentAt = now;
  }

  #remove(id) {
    clearTimeout(this.#typists.get(id)?.timer);
    return this.#typists.delete(id);
  }

  #draw() {
    const names = [...this.#typists.values()].map(({ user }) => nameOf(user));
    const count = names.length;
    if (!count) this.typingTarget.textContent = "";
    else if (count > MOST_NAMED) this.typingTarget.textContent = say("typing_many", { count });
    else this.typingTarget.textContent = say("typing", { names: list(names), count });
  }
}
