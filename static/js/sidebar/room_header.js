// What the head of the page says about the room, as the room changes.

import { whenIdle } from "../lib/frame.js";
import { say } from "../lib/strings.js";

const MEMBERS_CHANGE = { joined: 1, added: 1, left: -1, removed: -1 };
const ROLES = { admin_granted: "admin", admin_revoked: "member" };

export class Header {
  #name;
  #topic;
  #members;
  #kind;
  #room;
  #you;
  #title;
  // Rows up to this one are in the numbers already.
  #countedTo;

  /** `kind` is the sign of a room that not everybody can read. */
  constructor({ name, topic, members, kind, room, you, title }) {
    this.#name = name;
    this.#topic = topic;
    this.#members = members;
    this.#kind = kind;
    this.#you = you;
    this.#title = title;
    this.#become(room);
    // The server has written all but the number of members.
    whenIdle(() => this.#draw());
  }

  /** The room as it is now, and this person's role in it. */
  get room() {
    return this.#room;
  }

  replace(room) {
    this.#become(room);
    this.#draw();
  }

  apply(rows) {
    for (const { seq, kind, body, subject } of rows) {
      if (seq <= this.#countedTo) continue;
      this.#countedTo = seq;
      this.#room.member_count += MEMBERS_CHANGE[kind] ?? 0;
      if (kind === "renamed") this.#room.name = body;
      if (kind === "topic_changed") this.#room.topic = body;
      if (kind === "kind_changed") this.#room.kind = body;
      if (subject?.id === this.#you.id && kind in ROLES) this.#room.role = ROLES[kind];
    }
    this.#draw();
  }

  /** A private talk is called as the other one is. */
  rename({ id, username, display_name: shown }) {
    if (this.#room.partner?.id !== id) return;
    this.#room.name = shown || username;
    this.#draw();
  }

  #become(room) {
    this.#room = { ...room };
    this.#countedTo = room.head;
  }

  #draw() {
    const { name, topic, kind, partner, member_count: count } = this.#room;
    this.#name.textContent = name;
    // Whose display name is another one than the username is never shown without it.
    const line = partner && partner.username !== name ? `@${partner.username}` : topic;
    this.#topic.textContent = line;
    this.#topic.hidden = !line;
    this.#kind.hidden = kind === "public";
    this.#members.textContent = say("members", { count });
    this.#title.rename(name);
  }
}
