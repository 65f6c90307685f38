// What one can do about a person or a message: the menus behind names and behind each message.

import { postJson } from "../lib/api.js";
import { nameOf } from "../lib/users.js";
import { say } from "../lib/strings.js";

// Where the arrow keys stop in the transcript.
const STOPS = ".talk-more, .deed-name";
const NEXT = { ArrowDown: 1, ArrowUp: -1 };

export class Deeds {
  #menu;
  #log;
  #people;
  #transcript;
  #you;
  #room;
  #blocks;
  #report;
  #to;
  #urls;
  #roomUrl;
  #tell;

  /**
   * `room()` is the room as it is now; `report` opens the dialog for a row; `to`, null in a private talk, is the field
   * that says to whom one writes; `tell(sentence)` says what went wrong.
   */
  constructor({ menu, log, people, transcript, you, room, blocks, report, to, urls, roomUrl, tell }) {
    this.#menu = menu;
    this.#log = log;
    this.#people = people;
    this.#transcript = transcript;
    this.#you = you;
    this.#room = room;
    this.#blocks = blocks;
    this.#report = report;
    this.#to = to;
    this.#urls = urls;
    this.#roomUrl = roomUrl;
    this.#tell = tell;
    log.addEventListener("click", ({ target }) => this.#clickedInLog(target));
    log.addEventListener("keydown", (event) => this.#pressedInLog(event));
    people.list.addEventListener("click", ({ target }) => this.#clickedInPeople(target));
    transcript.addEventListener("drawn", () => this.#stopAtNewest());
    this.#stopAtNewest();
  }

  #clickedInLog(target) {
    const opener = target.closest?.("button.talk-name, .talk-more, .deed-name");
    const row = opener && this.#transcript.rowAt(Number(opener.closest(".entry").dataset.seq));
    if (!row) return;
    if (opener.matches(".deed-name")) {
      this.#open(opener, [row.author, row.subject].find((person) => person?.id === opener.dataset.person), null);
      return;
    }
    const isOfMessage = opener.matches(".talk-more");
    this.#open(opener, row.author, isOfMessage && !row.redacted ? row : null);
  }

  #clickedInPeople(target) {
    const opener = target.closest?.("button[data-person]");
    const person = opener && this.#people.find(opener.dataset.person);
    if (person) this.#open(opener, person, null);
  }

  #open(opener, person, row) {
    const items = [...this.#aboutPerson(person), ...(row ? [this.#reporting(row)] : [])];
    if (items.length) this.#menu.open(opener, say("menu_of", { name: person ? nameOf(person) : say("somebody") }), items);
  }

  #aboutPerson(person) {
    if (!person || person.id === this.#you.id) return [];
    const { kind, role } = this.#room();
    const items = [];
    if (kind !== "direct") items.push({ label: say("message_privately"), act: () => this.#openTalk(person) });
    if (this.#to) items.push({ label: say("write_from_here"), act: () => this.#to.choose(person) });
    if (this.#blocks.has(person.id)) items.push({ label: say("unblock"), act: () => this.#trying(this.#blocks.unblock(person)) });
    else items.push({ label: say("block"), act: () => this.#trying(this.#blocks.block(person)), isDangerous: true });
    if (role === "admin") items.push({ label: say("manage_member"), act: () => this.#manage(person) });
    return items;
  }

  #reporting(row) {
    return { label: say("report"), act: () => this.#report(row), isDangerous: true };
  }

  async #openTalk({ username }) {
    const talk = await this.#trying(postJson(this.#urls.directs, { username }));
    if (talk) location.assign(this.#roomUrl(talk.id));
  }

  #manage({ username }) {
    location.assign(`${this.#urls.settings}?q=${encodeURIComponent(username)}#members`);
  }

  async #trying(promise) {
    try {
      return await promise;
    } catch (error) {
      this.#tell(error.message || say("try_later"));
      return null;
    }
  }

  /** One stop of the Tab key for all messages and names in between: the newest; the arrows lead to the others. */
  #stopAtNewest() {
    if (this.#log.contains(document.activeElement)) return;
    this.#log.querySelector(`:is(${STOPS})[tabindex='0']`)?.setAttribute("tabindex", "-1");
    this.#buttons.at(-1)?.setAttribute("tabindex", "0");
  }

  #pressedInLog(event) {
    const step = NEXT[event.key];
    if (!step || !event.target.matches?.(STOPS)) return;
    const buttons = this.#buttons;
    const next = buttons[buttons.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  get #buttons() {
    return [...this.#log.querySelectorAll(STOPS)];
  }
}
