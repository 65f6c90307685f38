// Who is here: a list with a count, and a quiet line when somebody comes or goes.

import { element } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { onNextFrame, whenIdle } from "../lib/frame.js";
import { nameOf } from "../lib/users.js";
import { list, say } from "../lib/strings.js";

// The first pages of a large room; the count tells of the rest.
const MOST_SHOWN = 200;
const MOST_NAMED = 3;
const GATHER_MS = 1200;
const SHOW_NEWS_MS = 7000;

export class People {
  #you;
  #list;
  #counts;
  #news;
  #people = new Map();
  #count = 0;
  #entered = new Map();
  #exited = new Map();
  #timer = null;
  #draw = () => this.#drawAll();

  constructor({ you, list: place, counts, news, present }) {
    this.#you = you;
    this.#list = place;
    this.#counts = counts;
    this.#news = news;
    this.#become(present);
    // One came for the talk, which is shown first.
    whenIdle(this.#draw);
  }

  /** Who is here now, without a word about who came and went while we were not looking. */
  replace(present) {
    this.#become(present);
    onNextFrame(this.#draw);
  }

  /** Who is here now, told by a poll: the difference is news. */
  compare({ people, count }) {
    const before = this.#people;
    this.replace({ people, count });
    this.#tell(
      people.filter(({ id }) => !before.has(id)),
      [...before.values()].filter(({ id }) => !this.#people.has(id)),
    );
  }

  change({ entered, exited, away = [], back = [], count }) {
    for (const person of entered) this.#people.set(person.id, person);
    for (const person of exited) this.#people.delete(person.id);
    this.#mark(away, true);
    this.#mark(back, false);
    this.#count = count;
    this.#tell(entered, exited);
    onNextFrame(this.#draw);
  }

  /** Somebody has another name now. */
  rename(person) {
    for (const people of [this.#people, this.#entered, this.#exited]) {
      if (people.has(person.id)) people.set(person.id, { ...people.get(person.id), ...person });
    }
    onNextFrame(this.#draw);
  }

  get list() {
    return this.#list;
  }

  get here() {
    return [...this.#people.values()];
  }

  find(id) {
    return this.#people.get(id) ?? null;
  }

  /** Say something that has nothing to do with the talk, for a while. */
  announce(sentence) {
    clearTimeout(this.#timer);
    this.#news.textContent = sentence;
    this.#timer = setTimeout(() => this.#news.replaceChildren(), SHOW_NEWS_MS);
  }

  /** Nobody tells us any more who is here. */
  forget() {
    this.#people.clear();
    this.#entered.clear();
    this.#exited.clear();
    this.#list.replaceChildren();
    for (const place of this.#counts) place.textContent = "";
  }

  #become({ people, count }) {
    this.#people = new Map(people.map((person) => [person.id, person]));
    this.#count = count;
  }

  #mark(ids, away) {
    for (const id of ids) {
      if (this.#people.has(id)) this.#people.set(id, { ...this.#people.get(id), away });
    }
  }

  #tell(entered, exited) {
    const isNews = ({ id }) => id !== this.#you.id;
    // Who came and went within one sentence is no news.
    for (const person of entered.filter(isNews)) this.#exited.delete(person.id) || this.#entered.set(person.id, person);
    for (const person of exited.filter(isNews)) this.#entered.delete(person.id) || this.#exited.set(person.id, person);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showNews(), GATHER_MS);
  }

  #showNews() {
    const sentences = [sentenceOf("came_in", this.#entered), sentenceOf("went_away", this.#exited)].filter(Boolean);
    this.#entered.clear();
    this.#exited.clear();
    if (!sentences.length) return;
    this.#news.textContent = sentences.join(" ");
    this.#timer = setTimeout(() => this.#news.replaceChildren(), SHOW_NEWS_MS);
  }

  #drawAll() {
    const shown = [...this.#people.values()].sort((a, b) => this.#order(a, b)).slice(0, MOST_SHOWN);
    const rest = this.#count - shown.length;
    const items = shown.map((person) => this.#drawPerson(person));
    if (rest > 0) items.push(element("li", "people-rest", say("people_rest", { count: rest })));
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.person : null;
    this.#list.replaceChildren(...items);
    if (focused) this.#list.querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus();
    for (const place of this.#counts) place.textContent = say(place.dataset.sentence, { count: this.#count });
  }

  #drawPerson(person) {
    const face = drawFace(person);
    const name = element("span", "person-name", element("bdi", "", person.display_name || person.username));
    if (person.display_name && person.display_name !== person.username) {
      name.append(" ", element("bdi", "talk-username", `@${person.username}`));
    }
    if (person.id === this.#you.id) name.append(" ", element("span", "person-you", say("you")));
    if (person.away) name.append(" ", element("span", "person-away", say("away")));
    const className = person.away ? "person is-away" : "person";
    if (person.id === this.#you.id) return element("li", className, face, name);
    const opener = element("button", "person-button", face, name);
    opener.type = "button";
    opener.dataset.person = person.id;
    opener.setAttribute("aria-haspopup", "menu");
    return element("li", className, opener);
  }

  /** Yourself first, then by name. */
  #order(a, b) {
    const isYou = (person) => Number(person.id === this.#you.id);
    return isYou(b) - isYou(a) || nameOf(a).localeCompare(nameOf(b));
  }
}

function sentenceOf(key, people) {
  if (!people.size) return "";
  const names = [...people.values()].map(nameOf);
  if (names.length > MOST_NAMED) return say(`${key}_many`, { count: names.length });
  return say(key, { names: list(names), count: names.length });
}
