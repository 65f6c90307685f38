// The head of the page, which says what the room is called and what it is about, as the room changes.

import { Component } from "../lib/component.js";
import { whenIdle } from "../lib/frame.js";
import { say } from "../lib/strings.js";

const MEMBERS_CHANGE = { joined: 1, added: 1, left: -1, removed: -1 };
const ROLES = { admin_granted: "admin", admin_revoked: "member" };

export class RoomHeader extends Component {
  static targets = ["roomName", "roomTopic", "roomKind", "memberCount"];
  static needs = ["room", "user", "pageTitle", "isShown"];

  #current;
  // The number of members includes the rows up to this one.
  #countedTo;

  constructor(page) {
    super(page);
    this.#set(this.room);
    // The server has written everything but the number of members.
    whenIdle(() => this.#draw());
  }

  /** The room as it is now, with this user's role in it. */
  get current() {
    return this.#current;
  }

  replace(room) {
    this.#set(room);
    this.#draw();
  }

  apply(rows) {
    const room = this.#current;
    for (const { seq, kind, body, subject } of rows) {
      if (seq <= this.#countedTo) continue;
      this.#countedTo = seq;
      room.member_count += MEMBERS_CHANGE[kind] ?? 0;
      if (kind === "renamed") room.name = body;
      if (kind === "topic_changed") room.topic = body;
      if (kind === "kind_changed") room.kind = body;
      if (subject?.id === this.user.id && kind in ROLES) room.role = ROLES[kind];
    }
    this.#draw();
  }

  /** A direct room has the name of the other user. */
  rename({ id, username, display_name: shown }) {
    if (this.#current.partner?.id !== id) return;
    this.#current.name = shown || username;
    this.#draw();
  }

  #set(room) {
    this.#current = { ...room };
    this.#countedTo = room.head;
  }

  #draw() {
    const { name, topic, kind, partner, member_count: count } = this.#current;
    this.roomNameTarget.textContent = name;
    // A display name is never shown without the username, unless they are the same.
    const line = partner && partner.username !== name ? `@${partner.username}` : topic;
    this.roomTopicTarget.textContent = line;
    this.roomTopicTarget.hidden = !line;
    this.roomKindTarget.hidden = kind === "public";
    this.memberCountTarget.textContent = say("members", { count });
    if (this.isShown) this.pageTitle.rename(name);
  }
}
