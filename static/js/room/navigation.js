// Changes of the room in place: by a click on a room at the side, and by Back and Forward. What does it (switcher.js) comes
// when somebody is about to. Where it cannot, the link is followed as any link.

import { Component } from "../lib/component.js";

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const ABOUT_TO = ["pointerover", "focusin", "touchstart"];

export class Navigation extends Component {
  static targets = ["side"];
  static needs = ["shown"];

  #shell;
  #switcher = null;

  constructor(shell) {
    super(shell);
    this.#shell = shell;
    const load = ({ target }) => roomLinkOf(target) && this.#load().catch(() => {});
    for (const name of ABOUT_TO) this.sideTarget.addEventListener(name, load, { passive: true });
    this.sideTarget.addEventListener("click", (event) => this.#clicked(event));
    // It fires for a step within the room, too, such as to "#main".
    addEventListener("popstate", () => (this.#switcher || idOf(location.href) !== this.shown.room.id) && this.#goBack());
  }

  /** Go to a room, by its address. */
  goTo(url) {
    return this.#goTo(new URL(url, location.href).href, { isBack: false });
  }

  #clicked(event) {
    const link = roomLinkOf(event.target);
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.goTo(link.href);
  }

  #goBack() {
    this.#goTo(location.href, { isBack: true });
  }

  async #goTo(url, { isBack }) {
    try {
      await (await this.#load()).goTo(idOf(url), url, { isBack });
    } catch {
      if (isBack) location.reload();
      else location.assign(url);
    }
  }

  async #load() {
    const { Switcher } = await import("./switcher.js");
    return (this.#switcher ??= new Switcher(this.#shell));
  }
}

function roomLinkOf(target) {
  return target.closest?.("a[data-room]");
}

function idOf(url) {
  return ID.exec(new URL(url).pathname)?.[0];
}
