// The page's keyboard shortcuts, listed at "?". They are single characters, which somebody who dictates, or whose hands
// tremble, may type without meaning to. So they can be turned off (WCAG 2.1.4), and they do nothing in a field.

import { Component } from "../lib/component.js";
import { Store } from "../lib/store.js";

const OFF = "off";
const FIELDS = "input, textarea, select, [contenteditable]";

export class KeyboardShortcuts extends Component {
  static targets = ["keys", "keysToggle"];
  static needs = ["fileDrop", "composer", "scroller", "peoplePanel", "roomsPanel"];

  // Of this browser, whoever uses it.
  #store = new Store("chatsite:keys");
  #actions = {
    "?": () => this.keysTarget.showModal(),
    f: () => this.fileDrop.open(),
    m: () => this.composer.focus(),
    n: () => this.scroller.toBottom(),
    p: () => this.peoplePanel.open(),
    r: () => this.roomsPanel.open(),
    t: () => this.scroller.focus(),
  };

  constructor(page) {
    super(page);
    const toggle = this.keysToggleTarget;
    toggle.checked = !this.#store.get(OFF);
    toggle.addEventListener("change", () => this.#store.set(OFF, !toggle.checked));
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const { key, target, ctrlKey, altKey, metaKey, isComposing } = event;
    if (ctrlKey || altKey || metaKey || isComposing || event.defaultPrevented || this.#store.get(OFF)) return;
    if (!Object.hasOwn(this.#actions, key) || target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.#actions[key]();
  }
}
