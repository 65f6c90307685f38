// Who is present in the room: a list with a count.

import { Component } from "../lib/component.js";
import { element, menuButton } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { onNextFrame, whenIdle } from "../lib/frame.js";
import { drawNames } from "../lib/names.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { PresenceNews } from "./presence_news.js";

// The first users of a large room; the count includes the others.
const MOST_SHOWN = 200;
const MOST_FACES = 3;

export class PresenceList extends Component {
  static targets = ["presence", "presenceCount", "presenceCountShort", "presenceFaces"];
  static needs = ["user", "present", "toast"];

  #users = new Map();
  #count = 0;
  #news = new PresenceNews((sentence) => this.toast.show(sentence));
  #draw = () => this.#drawAll();

  constructor(page) {
    super(page);
    this.#set(this.present);
    // The transcript is drawn first.
    whenIdle(this.#draw);
  }

  /** Show these users, without news of who came and went: this page did not see it. */
  replace(present) {
    this.#set(present);
    onNextFrame(this.#draw);
  }

  /** Show these users, which a poll brought. What differs from before is news. */
  compare({ people: users, count }) {
    const before = this.#users;
    this.replace({ people: users, count });
    this.#addNews(
      users.filter(({ id }) => !before.has(id)),
      [...before.values()].filter(({ id }) => !this.#users.has(id)),
    );
  }

  /** Apply the server's event `presence`. */
  change({ entered, exited, away = [], back = [], count }) {
    for (const user of entered) this.#users.set(user.id, user);
    for (const user of exited) this.#users.delete(user.id);
    this.#setAway(away, true);
    this.#setAway(back, false);
    this.#count = count;
    this.#addNews(entered, exited);
    onNextFrame(this.#draw);
  }

  rename(user) {
    if (this.#users.has(user.id)) this.#users.set(user.id, { ...this.#users.get(user.id), ...user });
    this.#news.rename(user);
    onNextFrame(this.#draw);
  }

  get users() {
    return [...this.#users.values()];
  }

  find(id) {
    return this.#users.get(id) ?? null;
  }

  #set({ people: users, count }) {
    this.#users = new Map(users.map((user) => [user.id, user]));
    this.#count = count;
  }

  #setAway(ids, away) {
    for (const id of ids) {
      if (this.#users.has(id)) this.#users.set(id, { ...this.#users.get(id), away });
    }
  }

  #addNews(entered, exited) {
    const isOther = ({ id }) => id !== this.user.id;
    this.#news.add(entered.filter(isOther), exited.filter(isOther));
  }

  #drawAll() {
    const shown = this.users.sort((a, b) => this.#order(a, b)).slice(0, MOST_SHOWN);
    const rest = this.#count - shown.length;
    const items = shown.map((user) => this.#drawUser(user));
    if (rest > 0) items.push(element("li", "people-rest", say("people_rest", { count: rest })));
    const list = this.presenceTarget;
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.user : null;
    list.replaceChildren(...items);
    if (focused) list.querySelector(`[data-user="${CSS.escape(focused)}"]`)?.focus();
    this.presenceCountTarget.textContent = say("here", { count: this.#count });
    this.presenceCountShortTarget.textContent = this.#count;
    // Others first: one knows of oneself.
    this.presenceFacesTarget.replaceChildren(...[...shown.slice(1), ...shown.slice(0, 1)].slice(0, MOST_FACES).map(drawFace));
  }

  #drawUser(user) {
    const isYou = user.id === this.user.id;
    const name = element("span", "person-name", ...drawNames(user));
    if (isYou) name.append(" ", element("span", "person-you", say("you")));
    if (user.away) name.append(" ", element("span", "person-away", say("away")));
    const className = user.away ? "person is-away" : "person";
    if (isYou) return element("li", className, drawFace(user), name);
    const opener = menuButton("person-button", drawFace(user), name);
    opener.dataset.user = user.id;
    return element("li", className, opener);
  }

  /** The user themselves first, then by name. */
  #order(a, b) {
    const isYou = ({ id }) => Number(id === this.user.id);
    return isYou(b) - isYou(a) || nameOf(a).localeCompare(nameOf(b));
  }
}
