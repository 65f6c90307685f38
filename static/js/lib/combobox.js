// A field that suggests users while one types (the ARIA combobox pattern). Without suggestions it is a plain field.

import { element } from "./dom.js";
import { nameOf } from "./users.js";

// The server is asked after a pause in the typing.
const PAUSE_MS = 180;
let count = 0;

/** Fires `choose` (detail: the user) when one is chosen from the list. */
export class Combobox extends EventTarget {
  #field;
  #list;
  #suggest;
  #none;
  #choosesFirst;
  #users = [];
  #active = -1;
  #timer = null;
  // Counts requests: an answer that comes after a later request is ignored.
  #asked = 0;

  /**
   * `suggest(words)` returns users, or a promise of them; `none` is the sentence for words that fit nobody. With
   * `choosesFirst`, Enter and Tab choose the first user who fits what is typed.
   */
  constructor({ field, suggest, none = "", choosesFirst = false }) {
    super();
    this.#field = field;
    this.#suggest = suggest;
    this.#none = none;
    this.#choosesFirst = choosesFirst;
    this.#list = element("ul", "suggestions");
    this.#prepare();
    field.addEventListener("input", () => this.#typed());
    field.addEventListener("keydown", (event) => this.#pressed(event));
    field.addEventListener("blur", () => this.close());
    // Before the field loses the focus, which would close the list.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.#choose([...this.#list.children].indexOf(option));
    });
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** Show the suggestions for what is typed. */
  open() {
    this.#askIn(0);
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#list.hidden = true;
    this.#activate(-1);
    this.#field.setAttribute("aria-expanded", "false");
  }

  #prepare() {
    this.#list.id = `suggestions-${(count += 1)}`;
    this.#list.hidden = true;
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", labelOf(this.#field));
    const attributes = {
      ...{ role: "combobox", "aria-autocomplete": "list" },
      ...{ "aria-expanded": "false", "aria-controls": this.#list.id },
    };
    for (const [name, value] of Object.entries(attributes)) this.#field.setAttribute(name, value);
    let frame = this.#field.closest(".suggests");
    if (!frame) {
      frame = element("div", "suggests");
      this.#field.replaceWith(frame);
      frame.append(this.#field);
    }
    frame.append(this.#list);
  }

  /** Until the answer comes, keep only the users who still fit: Enter must not choose one who fitted earlier words. */
  #typed() {
    const words = this.#field.value.trim();
    this.#show(words ? usersCalled(this.#users.filter(({ label }) => !label), words) : [], words);
    this.#askIn(PAUSE_MS);
  }

  #askIn(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  async #ask() {
    const asked = (this.#asked += 1);
    const words = this.#field.value.trim();
    let users = [];
    try {
      users = await this.#suggest(words);
    } catch {
      // No suggestions at the moment: the field takes the name as it is typed.
    }
    if (asked !== this.#asked || document.activeElement !== this.#field || words !== this.#field.value.trim()) return;
    this.#show(users, words, this.#none);
  }

  /** `none` is shown when there are no users. */
  #show(users, words, none = "") {
    this.#users = users;
    const options = users.map((user, index) => this.#draw(user, index));
    if (!users.length && words && none) options.push(element("li", "suggestions-none", none));
    this.#list.replaceChildren(...options);
    this.#list.hidden = options.length === 0;
    this.#field.setAttribute("aria-expanded", String(!this.#list.hidden));
    this.#activate(this.#choosesFirst && words && users.length ? 0 : -1);
  }

  #draw({ username, display_name: shown, label }, index) {
    const option = element("li", "suggestion", element("bdi", "", label ?? (shown || username)));
    if (!label && shown && shown !== username) option.append(" ", element("bdi", "", `@${username}`));
    option.id = `${this.#list.id}-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    return option;
  }

  #pressed(event) {
    const { key, isComposing } = event;
    if (isComposing) return;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) return this.open();
      this.#move(key === "ArrowDown" ? 1 : -1);
    } else if (key === "Enter" && (this.#choosesFirst || (this.isOpen && this.#active >= 0))) {
      event.preventDefault();
      this.#choose(this.#active);
    } else if (key === "Tab" && this.#choosesFirst && this.isOpen && this.#active >= 0) {
      event.preventDefault();
      this.#choose(this.#active);
    } else if (key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  #move(step) {
    const { length } = this.#users;
    if (length) this.#activate((this.#active + step + length + (this.#active < 0 && step < 0 ? 1 : 0)) % length);
  }

  #activate(index) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const option = this.#list.children[index];
    if (!option) return this.#field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", option.id);
  }

  #choose(index) {
    const user = this.#users[index];
    if (!user) return;
    this.#field.value = user.label ? "" : user.username;
    this.close();
    this.dispatchEvent(new CustomEvent("choose", { detail: user }));
  }
}

/** The label without the star of a required field. */
function labelOf(field) {
  return field.labels?.[0]?.textContent.replace("*", "").trim() ?? "";
}

/** The users whose names begin with `words`, then those whose names contain it. */
export function usersCalled(users, words) {
  const wanted = words.replace(/^@/, "").toLocaleLowerCase();
  const begins = ({ username, display_name: shown }) =>
    [username, shown ?? ""].some((name) => name.toLocaleLowerCase().startsWith(wanted));
  const found = users.filter((user) => nameOf(user).toLocaleLowerCase().includes(wanted));
  return [...found.filter(begins), ...found.filter((user) => !begins(user))];
}
