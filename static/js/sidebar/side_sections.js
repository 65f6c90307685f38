// The sections of the user's rooms, which fold, and the field that filters them.

import { Component } from "../lib/component.js";
import { Store } from "../lib/store.js";
import { say } from "../lib/strings.js";
import { roomNameOf } from "./side_row.js";

/** Fires `change` when other rooms are to be shown. */
export class SideSections extends Component {
  static targets = ["sideList", "sideFilter", "sideNothing"];
  static needs = ["user"];

  // name → {section, button, list}
  #sections = new Map();
  #folded = new Store(`chatsite:folded:${this.user.id}`);

  constructor(page) {
    super(page);
    for (const section of this.sideListTarget.querySelectorAll("[data-section]")) {
      const { section: name } = section.dataset;
      const [button, list] = [section.querySelector("button"), section.querySelector("ul")];
      this.#sections.set(name, { section, button, list });
      button.setAttribute("aria-expanded", String(!this.#folded.get(name)));
      button.addEventListener("click", () => this.#fold(name, button));
    }
    const field = this.sideFilterTarget;
    field.addEventListener("input", () => this.#changed());
    field.addEventListener("keydown", (event) => this.#pressed(event));
  }

  get lists() {
    return [...this.#sections.values()].map(({ list }) => list);
  }

  /** The rooms of each section with its list, as far as they are to be shown; `current` is the id of the open one. */
  arrange(rooms, current) {
    const words = this.#words;
    let count = 0;
    const arranged = [...this.#sections].map(([name, { section, list }]) => {
      const inIt = rooms.filter((room) => sectionOf(room) === name);
      const isFolded = !words && this.#folded.get(name);
      const isSeen = ({ id, unread, muted }) => !isFolded || id === current || (unread > 0 && !muted);
      const shown = inIt.filter((room) => matches(room, words) && isSeen(room));
      section.hidden = words ? shown.length === 0 : inIt.length === 0;
      count += shown.length;
      return { list, rooms: shown };
    });
    this.sideNothingTarget.textContent = words && !count ? say("no_such_room_here") : "";
    return arranged;
  }

  /** Show all again. */
  clear() {
    if (!this.#words) return;
    this.sideFilterTarget.value = "";
    this.#changed();
  }

  get #words() {
    return this.sideFilterTarget.value.trim().toLocaleLowerCase();
  }

  #fold(name, button) {
    const isFolded = !this.#folded.get(name);
    this.#folded.set(name, isFolded);
    button.setAttribute("aria-expanded", String(!isFolded));
    this.#changed();
  }

  #pressed(event) {
    if (event.key === "Escape" && this.#words) {
      event.preventDefault();
      this.clear();
    } else if (event.key === "Enter" && this.#words && !event.isComposing) {
      this.sideListTarget.querySelector("a[data-room]")?.click();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function sectionOf({ favourite, kind }) {
  if (favourite) return "favourites";
  return kind === "direct" ? "directs" : "rooms";
}

function matches(room, words) {
  return !words || roomNameOf(room).toLocaleLowerCase().includes(words);
}
