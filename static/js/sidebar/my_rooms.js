// The side bar: this person's rooms and private talks, with what is unread in each.

import { getJson } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";
import { nameOf } from "../lib/users.js";
import { RoomList } from "./room_list.js";
import { say } from "../lib/strings.js";

// Events tell of changes at once; where they do not pass, asking does.
const REFRESH_MS = 15_000;
// Several changes of the list at once are asked for together.
const GATHER_MS = 300;
const SIGNED_OUT = 401;

export class Rooms {
  #lists;
  #badge;
  #here;
  #url;
  #roomUrl;
  #known;
  #refreshTimer = null;
  #staleTimer = null;
  // id → {item, link, name, count}
  #items = new Map();

  /**
   * `list` is for rooms, `talks` for private talks; `badge` tells on the drawer's button how much is unread; `here` is
   * the present room's id; `roomUrl(id)` an address.
   */
  constructor({ list, talks, badge, here, rooms, url, roomUrl }) {
    this.#lists = [list, talks];
    this.#badge = badge;
    this.#here = here;
    this.#url = url;
    this.#roomUrl = roomUrl;
    this.#known = new RoomList(rooms);
    this.#known.addEventListener("change", () => this.#draw());
    this.#known.addEventListener("stale", () => this.#refreshSoon());
    this.#refreshTimer = setInterval(() => this.#refresh(), REFRESH_MS);
    document.addEventListener("visibilitychange", () => this.#refresh());
    // One came for the talk, which is shown first.
    whenIdle(() => this.#draw());
  }

  hear(event) {
    this.#known.hear(event);
  }

  /** There was talk here. */
  talked() {
    this.#known.touch(this.#here);
  }

  #refreshSoon() {
    this.#staleTimer ??= setTimeout(() => {
      this.#staleTimer = null;
      this.#refresh();
    }, GATHER_MS);
  }

  async #refresh() {
    if (document.hidden || this.#refreshTimer === null) return;
    try {
      const { rooms } = await getJson(this.#url, { scope: "mine" });
      this.#known.replace(rooms);
    } catch (error) {
      // Away for a moment: what is shown stays. Signed out: there is nothing to ask for.
      if (error.status !== SIGNED_OUT) return;
      clearInterval(this.#refreshTimer);
      this.#refreshTimer = null;
    }
  }

  /** The links that are there stay, in case one of them has the focus. */
  #draw() {
    const { rooms } = this.#known;
    const ids = new Set(rooms.map(({ id }) => id));
    for (const [id, { item }] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    const [list, talks] = this.#lists;
    this.#drawInto(list, rooms.filter(({ kind }) => kind !== "direct"));
    this.#drawInto(talks, rooms.filter(({ kind }) => kind === "direct"));
    const unread = this.#known.unreadBut(this.#here);
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread ? say("unread", { count: unread }) : "";
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
    const count = id === this.#here || muted ? 0 : unread;
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
    link.href = this.#roomUrl(id);
    if (id === this.#here) link.setAttribute("aria-current", "page");
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
