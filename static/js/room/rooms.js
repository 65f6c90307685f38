// The side bar: this person's rooms with what is unread in each.

import { getJson } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { say } from "../lib/strings.js";

const REFRESH_MS = 15_000;
const SIGNED_OUT = 401;

export class Rooms {
  #list;
  #badge;
  #here;
  #url;
  #roomUrl;
  #timer = null;
  // id → {item, link, name, count}
  #items = new Map();

  /** `badge` tells on the drawer's button how much is unread; `here` is the present room's id; `roomUrl(id)` an address. */
  constructor({ list, badge, here, rooms, url, roomUrl }) {
    this.#list = list;
    this.#badge = badge;
    this.#here = here;
    this.#url = url;
    this.#roomUrl = roomUrl;
    this.#draw(rooms);
    this.#timer = setInterval(() => this.#refresh(), REFRESH_MS);
    document.addEventListener("visibilitychange", () => this.#refresh());
  }

  async #refresh() {
    if (document.hidden || this.#timer === null) return;
    try {
      const { rooms } = await getJson(this.#url, { scope: "mine" });
      this.#draw(rooms);
    } catch (error) {
      // Away for a moment: what is shown stays. Signed out: there is nothing to ask for.
      if (error.status !== SIGNED_OUT) return;
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  /** The links that are there stay, in case one of them has the focus. */
  #draw(rooms) {
    const ids = new Set(rooms.map(({ id }) => id));
    for (const [id, { item }] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    let unread = 0;
    for (const [index, room] of rooms.entries()) {
      const { item } = this.#update(room);
      if (this.#list.children[index] !== item) this.#list.insertBefore(item, this.#list.children[index] ?? null);
      if (room.id !== this.#here) unread += room.unread;
    }
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread ? say("unread", { count: unread }) : "";
  }

  #update({ id, name, unread }) {
    const shown = this.#items.get(id) ?? this.#make(id);
    const count = id === this.#here ? 0 : unread;
    if (shown.name.textContent !== name) shown.name.textContent = name;
    shown.count.hidden = count === 0;
    shown.count.textContent = count ? say("unread", { count }) : "";
    shown.item.classList.toggle("has-unread", count > 0);
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
