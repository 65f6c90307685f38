// The user's direct rooms and rooms at the side, all of them, with what is unread in each: by name or, the newest message
// first, by their last talk.

import { getJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";
import { gathered, refreshEvery } from "../lib/refresh_loop.js";
import { Store } from "../lib/store.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { RoomList } from "./room_list.js";

// Events tell of changes at once. Where they do not pass, asking does.
const REFRESH_MS = 15_000;
// Several changes of the list within this time are asked for together.
const GATHER_MS = 300;
// So many rooms come with the page (rooms/room_lists.py). Of more the others are asked for.
const WITH_THE_PAGE = 50;
const BY_NAME = "by-name";

/** Fires `change` when the list or a number in it is another one, and `refreshed` when the list has come anew. */
export class MyRooms extends Component {
  static targets = ["sideRooms", "directRooms", "sideUnread", "sideByName"];
  static needs = ["room", "rooms", "urls", "roomUrl", "user"];

  #list = new RoomList(this.rooms);
  // id → {item, link, name, count}
  #items = new Map();
  #store = new Store(`chatsite:rooms:${this.user.id}`);
  #isByName = Boolean(this.#store.get(BY_NAME));
  // The room that was brought into view last.
  #inView = null;

  constructor(page) {
    super(page);
    const refresh = refreshEvery(REFRESH_MS, () => this.#refresh());
    this.#list.addEventListener("change", () => {
      this.#draw();
      this.dispatchEvent(new Event("change"));
    });
    this.#list.addEventListener("stale", gathered(GATHER_MS, refresh));
    const { sideByNameTarget: byName } = this;
    byName.setAttribute("aria-pressed", String(this.#isByName));
    byName.addEventListener("click", () => this.#toggleByName());
    for (const list of this.#lists) list.addEventListener("pointerleave", () => this.#draw());
    // The transcript is drawn first.
    whenIdle(() => {
      this.#draw();
      if (this.rooms.length >= WITH_THE_PAGE) refresh();
    });
  }

  /** Apply the server's event `unread`, `read` or `rooms`. */
  apply(event) {
    this.#list.apply(event);
  }

  /** What the list calls a room, or undefined. */
  nameOf(id) {
    const room = this.find(id);
    return room && shownName(room);
  }

  /** Rows came in a room that is shown, of which the server tells no numbers. */
  said(id, rows) {
    const talk = Math.max(...rows.map((row) => row.talk ?? 0));
    if (talk > 0) this.#list.apply({ type: "unread", room: id, talk_count: talk });
  }

  /** The room as the list has it, or undefined. */
  find(id) {
    return this.#list.rooms.find((room) => room.id === id);
  }

  /** How many unread messages of other rooms are for the user themselves. */
  get forOneself() {
    return this.#list.forOneselfOutside(this.room.id);
  }

  /** Another room is shown now. */
  showCurrent() {
    this.#draw();
  }

  get #lists() {
    return [this.directRoomsTarget, this.sideRoomsTarget];
  }

  #toggleByName() {
    this.#isByName = !this.#isByName;
    this.#store.set(BY_NAME, this.#isByName);
    this.sideByNameTarget.setAttribute("aria-pressed", String(this.#isByName));
    this.#draw();
  }

  async #refresh() {
    const rooms = [];
    for (let cursor = null, isFirst = true; isFirst || cursor; isFirst = false) {
      const page = await getJson(this.urls.rooms, { scope: "mine", cursor });
      rooms.push(...page.rooms);
      cursor = page.next;
    }
    this.#list.replace(rooms);
    this.dispatchEvent(new Event("refreshed"));
  }

  /** Links that are there already stay, because one of them may have the focus. */
  #draw() {
    const rooms = this.#isByName ? [...this.#list.rooms].sort(byName) : this.#list.rooms;
    const ids = new Set(rooms.map(({ id }) => id));
    for (const [id, { item }] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    this.#drawInto(this.sideRoomsTarget, rooms.filter(({ kind }) => kind !== "direct"));
    this.#drawInto(this.directRoomsTarget, rooms.filter(({ kind }) => kind === "direct"));
    this.#bringIntoView();
    const unread = this.#list.unreadOutside(this.room.id);
    this.sideUnreadTarget.hidden = unread === 0;
    this.sideUnreadTarget.textContent = unread ? say("unread", { count: unread }) : "";
  }

  #drawInto(list, rooms) {
    list.parentElement.hidden = rooms.length === 0;
    // Nothing moves under the pointer that is about to press it. (A finger leaves no place.)
    const isHeld = list.matches(":hover") && matchMedia("(hover: hover)").matches;
    for (const [index, room] of rooms.entries()) {
      const { item } = this.#update(room);
      if (list.children[index] !== item && !(isHeld && item.isConnected)) moveTo(list, index, item);
    }
  }

  #bringIntoView() {
    const link = this.#items.get(this.room.id)?.link;
    if (!link || this.#inView === this.room.id) return;
    this.#inView = this.room.id;
    link.scrollIntoView({ block: "nearest" });
  }

  #update(room) {
    const { id, unread, muted } = room;
    const name = shownName(room);
    const shown = this.#items.get(id) ?? this.#make(id);
    const count = id === this.room.id || muted ? 0 : unread;
    if (shown.name.textContent !== name) shown.name.textContent = name;
    shown.count.hidden = count === 0 && !muted;
    shown.count.textContent = muted ? say("muted") : count ? say("unread", { count }) : "";
    shown.count.classList.toggle("is-warn", !muted);
    shown.item.classList.toggle("has-unread", count > 0);
    shown.item.classList.toggle("is-muted", Boolean(muted));
    if (id === this.room.id) shown.link.setAttribute("aria-current", "page");
    else shown.link.removeAttribute("aria-current");
    return shown;
  }

  #make(id) {
    const name = element("bdi", "side-room-name");
    const count = element("span", "badge is-warn");
    const link = element("a", "side-room", name, " ", count);
    link.href = this.roomUrl(id);
    link.dataset.room = id;
    const shown = { item: element("li", "", link), link, name, count };
    this.#items.set(id, shown);
    return shown;
  }
}

function byName(a, b) {
  return shownName(a).localeCompare(shownName(b));
}

function shownName({ partner, name }) {
  return partner ? nameOf(partner) : name;
}

/** A node that is moved loses the focus. */
function moveTo(list, index, item) {
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(item, list.children[index] ?? null);
  focused?.focus({ preventScroll: true });
}
