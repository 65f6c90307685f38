// Who came and went, gathered into one sentence.

import { list, say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

const MOST_NAMED = 3;
const GATHER_MS = 1200;

export class PresenceNews {
  #show;
  #entered = new Map();
  #exited = new Map();
  #timer = null;

  /** `show(sentence)` is called when nobody has come or gone for a while. */
  constructor(show) {
    this.#show = show;
  }

  add(entered, exited) {
    // A user who comes and goes within one sentence is no news.
    for (const user of entered) this.#exited.delete(user.id) || this.#entered.set(user.id, user);
    for (const user of exited) this.#entered.delete(user.id) || this.#exited.set(user.id, user);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showAll(), GATHER_MS);
  }

  rename(user) {
    for (const users of [this.#entered, this.#exited]) {
      if (users.has(user.id)) users.set(user.id, { ...users.get(user.id), ...user });
    }
  }

  clear() {
    this.#entered.clear();
    this.#exited.clear();
  }

  #showAll() {
    const sentences = [sentenceOf("came_in", this.#entered), sentenceOf("went_away", this.#exited)].filter(Boolean);
    this.clear();
    if (sentences.length) this.#show(sentences.join(" "));
  }
}

function sentenceOf(key, users) {
  if (!users.size) return "";
  const names = [...users.values()].map(nameOf);
  if (names.length > MOST_NAMED) return say(`${key}_many`, { count: names.length });
  return say(key, { names: list(names), count: names.length });
}
