// The user's direct rooms and rooms at the side, all of them, with what is unread in each: by name or, the newest message
// first, by their last talk.

import { getJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { whenIdle } from "../lib/frame.js";
import { gathered, refreshEvery } from "../lib/refresh_loop.js";
import { Store } from "../lib/store.js";
import { say } from "../lib/strings.js";
import { RoomList } from "./room_list.js";
import { SideRow, roomNameOf } from "./side_row.js";

// Events tell of changes at once. Where they do not pass, asking does.
const REFRESH_MS = 15_000;
// Several changes of the list within this time are asked for together.
const GATHER_MS = 300;
// So many rooms come with the page (rooms/room_lists.py). Of more the others are asked for.
const WITH_THE_PAGE = 50;
const BY_NAME = "by-name";

/** Fires `change` when the list or a number in it is another one, and `refreshed` when the list has come anew. */
export class MyRooms extends Component {
  static targets = ["sideUnread", "sideUnreadSpoken", "sideByName"];
  static needs = ["room", "rooms", "urls", "roomUrl", "user", "sideSections", "roomsPanel"];

  #list = new RoomList(this.rooms);
  // id → SideRow
  #rows = new Map();
  #store = new Store(`chatsite:rooms:${this.user.id}`);
  #isByName = Boolean(this.#store.get(BY_NAME));
  #shortTime = null;
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
    for (const list of this.sideSections.lists) list.addEventListener("pointerleave", () => this.#draw());
    this.sideSections.addEventListener("change", () => this.#draw());
    this.roomsPanel.addEventListener("change", () => this.#showTimes(refresh));
    // With the first paint: what comes later would be seen to come.
    this.#draw();
    whenIdle(() => this.rooms.length >= WITH_THE_PAGE && refresh());
  }

  /** Apply the server's event `unread`, `read` or `rooms`. */
  apply(event) {
    this.#list.apply(event);
  }

  /** What the list calls a room, or undefined. */
  nameOf(id) {
    const room = this.find(id);
    return room && roomNameOf(room);
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
    this.sideSections.clear();
    this.#draw();
  }

  #toggleByName() {
    this.#isByName = !this.#isByName;
    this.#store.set(BY_NAME, this.#isByName);
    this.sideByNameTarget.setAttribute("aria-pressed", String(this.#isByName));
    this.#draw();
  }

  /** As a screen of their own they say when something was said, too, which the page does not bring. */
  async #showTimes(refresh) {
    const { shortTime } = await import("./short_time.js").catch(() => ({}));
    this.#shortTime = shortTime;
    refresh();
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
    const { id: current } = this.room;
    const rooms = this.#isByName ? [...this.#list.rooms].sort(byName) : this.#list.rooms;
    const sections = this.sideSections.arrange(rooms, current);
    const ids = new Set(sections.flatMap((section) => section.rooms).map(({ id }) => id));
    for (const [id, { item }] of this.#rows) {
      if (ids.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    for (const section of sections) this.#drawInto(section.list, section.rooms);
    this.#bringIntoView();
    const count = this.#list.unreadOutside(current);
    this.sideUnreadTarget.hidden = count === 0;
    this.sideUnreadTarget.textContent = count || "";
    this.sideUnreadSpokenTarget.textContent = count ? say("unread", { count }) : "";
  }

  #drawInto(list, rooms) {
    // Nothing moves under the pointer that is about to press it. (A finger leaves no place.)
    const isHeld = list.matches(":hover") && matchMedia("(hover: hover)").matches;
    for (const [index, room] of rooms.entries()) {
      const { item } = this.#update(room);
      if (list.children[index] !== item && !(isHeld && item.parentNode === list)) moveTo(list, index, item);
    }
  }

  #bringIntoView() {
    const { id } = this.room;
    if (this.#inView === id) return;
    this.#inView = id;
    this.#rows.get(id)?.comeIntoView();
  }

  #update(room) {
    const { id } = room;
    if (!this.#rows.has(id)) this.#rows.set(id, new SideRow(id, this.roomUrl(id)));
    const row = this.#rows.get(id);
    row.show(room, id === this.room.id);
    if (this.#shortTime) row.showTime(room, this.#shortTime);
    return row;
  }
}

function byName(a, b) {
  return roomNameOf(a).localeCompare(roomNameOf(b));
}

/** A node that is moved loses the focus. */
function moveTo(list, index, item) {
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(item, list.children[index] ?? null);
  focused?.focus({ preventScroll: true });
}
