// One of the user's rooms in the list of them.

import { element } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

/** What the list calls a room. */
export function roomNameOf({ partner, name }) {
  return partner ? nameOf(partner) : name;
}

export class SideRow {
  item;
  link;
  #sign = element("span", "side-room-sign");
  #kind = element("span", "visually-hidden");
  #name = element("bdi", "side-room-name");
  #count = element("span", "pill");
  #note = element("span");
  // On a phone: when something was said there.
  #time = null;
  #face = null;

  constructor(id, url) {
    this.#count.setAttribute("aria-hidden", "true");
    this.link = element("a", "side-room", this.#sign, this.#kind, this.#name, this.#count, this.#note);
    this.link.href = url;
    this.link.dataset.room = id;
    this.item = element("li", "", this.link);
  }

  /** Show `room` as it is now; `isCurrent`: it is the one that is shown. */
  show(room, isCurrent) {
    const { kind, partner, here = 0, unread, muted } = room;
    const count = isCurrent || muted ? 0 : unread;
    const name = roomNameOf(room);
    if (this.#name.textContent !== name) this.#name.textContent = name;
    this.#kind.textContent = kind === "private" ? `${say("private_room")} ` : "";
    this.#sign.classList.toggle("is-private", kind === "private");
    if (partner) this.#showFace(partner);
    this.#sign.classList.toggle("is-here", Boolean(partner) && here > 0 && !isCurrent);
    this.#count.hidden = count === 0;
    this.#count.textContent = count || "";
    this.#note.textContent = muted ? say("muted") : count ? ` ${say("unread", { count })}` : "";
    this.#note.className = muted ? "side-room-muted" : "visually-hidden";
    this.item.classList.toggle("has-unread", count > 0);
    this.item.classList.toggle("is-muted", Boolean(muted));
    if (isCurrent) this.link.setAttribute("aria-current", "page");
    else this.link.removeAttribute("aria-current");
  }

  /** Scroll to it. As the current one it sticks to the edge of the list, and would count as seen. */
  comeIntoView() {
    this.link.removeAttribute("aria-current");
    this.link.scrollIntoView({ block: "nearest" });
    this.link.setAttribute("aria-current", "page");
  }

  /** Show when something was said there, in the words of `shortTime`, as far as the list tells. */
  showTime({ talked_at: at }, shortTime) {
    if (!at) return;
    if (!this.#time) this.#name.after((this.#time = element("time", "side-room-time")));
    if (this.#time.dateTime === at) return;
    this.#time.dateTime = at;
    this.#time.textContent = shortTime(new Date(at));
  }

  #showFace(partner) {
    const face = [partner.picture, partner.display_name, partner.username].join();
    if (face === this.#face) return;
    this.#face = face;
    this.#sign.classList.add("has-face");
    this.#sign.replaceChildren(drawFace(partner));
  }
}
