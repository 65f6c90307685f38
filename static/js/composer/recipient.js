// To whom the words go: to everyone, or privately to one person. The choice stays, with the words that were begun for
// it, until it is changed: it may not be forgotten between two of them.

import { Combobox, calledLike } from "../lib/combobox.js";
import { nameOf } from "../lib/users.js";
import { say, sayNodes } from "../lib/strings.js";

const KEY = "to";
const MOST_SUGGESTED = 8;

/** Fires `change` when the words go to somebody else now. */
export class To extends EventTarget {
  #field;
  #line;
  #chip;
  #name;
  #form;
  #store;
  #here;
  #search;
  #you;
  #person = null;

  /** `here()` are the people who are here, `search(words)` promises members. */
  constructor({ toField, toLine, toChip, toName, toClear, form, store, here, search, you }) {
    super();
    this.#field = toField;
    this.#line = toLine;
    this.#chip = toChip;
    this.#name = toName;
    this.#form = form;
    this.#store = store;
    this.#here = here;
    this.#search = search;
    this.#you = you;
    const suggestions = new Combobox({
      field: toField,
      none: say("to_nobody"),
      suggest: (words) => this.#suggest(words),
      choosesFirst: true,
    });
    suggestions.addEventListener("choose", ({ detail: person }) => this.choose(person));
    toField.addEventListener("focus", () => suggestions.open());
    toField.addEventListener("input", () => this.#complain(""));
    toClear.addEventListener("click", () => this.choose(null));
    this.#become(store.get(KEY));
  }

  /** The person, or null for everyone. */
  get person() {
    return this.#person;
  }

  /** Something was typed and nobody chosen: words for one person must not go to everyone. */
  refuses() {
    const isOpen = this.#person === null && this.#field.value.trim() !== "";
    if (isOpen) {
      this.#complain(say("to_unclear"));
      this.#field.focus();
    }
    return isOpen;
  }

  choose(person) {
    this.#store[person ? "set" : "remove"](KEY, person);
    this.#become(person);
    this.dispatchEvent(new Event("change"));
  }

  rename({ id, username, display_name: shown }) {
    if (this.#person?.id === id) this.#become({ id, username, display_name: shown });
  }

  #become(person) {
    this.#person = person;
    this.#field.value = "";
    this.#complain("");
    this.#line.hidden = person !== null;
    this.#chip.hidden = person === null;
    this.#name.replaceChildren(...(person ? sayNodes("privately_to", { name: nameOf(person) }) : []));
    this.#form.classList.toggle("is-private", person !== null);
  }

  #complain(problem) {
    this.#field.setCustomValidity(problem);
    this.#field.setAttribute("aria-invalid", String(problem !== ""));
    if (problem) this.#field.reportValidity();
  }

  async #suggest(words) {
    const others = ({ id }) => id !== this.#you.id;
    const near = calledLike(this.#here().filter(others), words);
    if (!words || near.length >= MOST_SUGGESTED) return near.slice(0, MOST_SUGGESTED);
    const far = await this.#search(words).catch(() => []);
    const known = new Set(near.map(({ id }) => id));
    return [...near, ...far.filter(others).filter(({ id }) => !known.has(id))].slice(0, MOST_SUGGESTED);
  }
}
