// The user's rooms and direct rooms at the side, with what is unread in each.

import { getJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";
import { gathered, refreshEvery } from "../lib/refresh_loop.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { RoomList } from "./room_list.js";

// Events tell of changes at once. Where they do not pass, asking does.
const REFRESH_MS = 15_000;
// Several changes of the list within this time are asked for together.
const GATHER_MS = 300;

export class MyRooms extends Component {
  static targets = ["sideRooms", "directRooms", "sideUnread"];
  static needs = ["room", "rooms", "urls", "roomUrl"];

  #list = new RoomList(this.rooms);
  // id → {item, name, count}
  #items = new Map();

  constructor(page) {
    super(page);
    const refresh = refreshEvery(REFRESH_MS, () => this.#refresh());
    this.#list.addEventListener("change", () => this.#draw());
    this.#list.addEventListener("stale", gathered(GATHER_MS, refresh));
    // The transcript is drawn first.
    whenIdle(() => this.#draw());
  }

  /** Apply the server's event `unread`, `read` or `rooms`. */
  apply(event) {
    this.#list.apply(event);
  }

  /** A message came in the room that this page shows. */
  raiseThisRoom() {
    this.#list.raise(this.room.id);
  }

  async #refresh() {
    const { rooms } = await getJson(this.urls.rooms, { scope: "mine" });
    this.#list.replace(rooms);
  }

  /** Links that are there already stay, because one of them may have the focus. */
  #draw() {
    const { rooms } = this.#list;
    const ids = new Set(rooms.map(({ id }) => id));
    for (const [id, { item }] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    this.#drawInto(this.sideRoomsTarget, rooms.filter(({ kind }) => kind !== "direct"));
    this.#drawInto(this.directRoomsTarget, rooms.filter(({ kind }) => kind === "direct"));
    const unread = this.#list.unreadOutside(this.room.id);
    this.sideUnreadTarget.hidden = unread === 0;
    this.sideUnreadTarget.textContent = unread ? say("unread", { count: unread }) : "";
  }

  #drawInto(list, rooms) {
    list.parentElement.hidden = rooms.length === 0;
    for (const [index, room] of rooms.entries()) {
      const { item } = this.#update(room);
      if (list.children[index] !== item) moveTo(list, index, item);
    }
  }

  #update({ id, name: ownName, partner, unread, muted }) {
    const name = partner ? nameOf(partner) : ownName;
    const shown = this.#items.get(id) ?? this.#make(id);
    const count = id === this.room.id || muted ? 0 : unread;
    if (shown.name.textContent !== name) shown.name.textContent = name;
    shown.count.hidden = count === 0 && !muted;
    shown.count.textContent = muted ? say("muted") : count ? say("unread", { count }) : "";
    shown.count.classList.toggle("is-warn", !muted);
    shown.item.classList.toggle("has-unread", count > 0);
    shown.item.classList.toggle("is-muted", Boolean(muted));
    return shown;
  }

  #make(id) {
    const name = element("bdi", "side-room-name");
    const count = element("span", "badge is-warn");
    const link = element("a", "side-room", name, " ", count);
    link.href = this.roomUrl(id);
    if (id === this.room.id) link.setAttribute("aria-current", "page");
    const shown = { item: element("li", "", link), name, count };
    this.#items.set(id, shown);
    return shown;
  }
}

/** A node that is moved loses the focus. */
function moveTo(list, index, item) {
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(item, list.children[index] ?? null);
  focused?.focus({ preventScroll: true });
}
