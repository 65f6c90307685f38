// Who is writing just now: told to the others while this person writes, and shown while they do.

import { nameOf } from "../lib/users.js";
import { list, say } from "../lib/strings.js";

// Told again after so long, while the writing goes on; the server passes on no more than this either.
const TELL_EVERY_MS = 3000;
// Shown for so long after it was last told: two tellings, so that a lost one is not seen.
const SHOW_MS = 6000;
const MOST_NAMED = 3;

export class Typing {
  #place;
  #you;
  #tell;
  #toldAt = 0;
  // id → {person, timer}
  #writing = new Map();

  /** `place` is hidden from screen readers: it changes too often to be listened to. `tell` says that we are writing. */
  constructor({ place, you, composer, tell }) {
    this.#place = place;
    this.#you = you;
    this.#tell = tell;
    composer.addEventListener("writing", () => this.#told());
  }

  heard(person) {
    if (person.id === this.#you.id) return;
    this.#forget(person.id);
    const timer = setTimeout(() => this.stopped(person.id), SHOW_MS);
    this.#writing.set(person.id, { person, timer });
    this.#draw();
  }

  /** Their words have come, or they have gone. */
  stopped(...ids) {
    if (ids.filter((id) => this.#forget(id)).length) this.#draw();
  }

  stopAll() {
    this.stopped(...this.#writing.keys());
  }

  renamed(person) {
    const entry = this.#writing.get(person.id);
    if (!entry) return;
    entry.person = person;
    this.#draw();
  }

  #told() {
    const now = Date.now();
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#tell();
  }

  #forget(id) {
    clearTimeout(this.#writing.get(id)?.timer);
    return this.#writing.delete(id);
  }

  #draw() {
    const names = [...this.#writing.values()].map(({ person }) => nameOf(person));
    const count = names.length;
    if (!count) this.#place.textContent = "";
    else if (count > MOST_NAMED) this.#place.textContent = say("typing_many", { count });
    else this.#place.textContent = say("typing", { names: list(names), count });
  }
}
