// The page's keys, listed at "?". They are single characters, which somebody who dictates, or whose hands tremble, may
// press unwillingly: so they can be turned off (WCAG 2.1.4), and they are letters wherever somebody writes.

const OFF = "off";
const FIELDS = "input, textarea, select, [contenteditable]";

export class Keys {
  #dialog;
  #store;
  #deeds;

  /** `deeds` is what each key does; "?" is here already. `store` is of this browser, whoever uses it. */
  constructor({ dialog, toggle, store, deeds }) {
    this.#dialog = dialog;
    this.#store = store;
    this.#deeds = { "?": () => this.#dialog.showModal(), ...deeds };
    toggle.checked = !store.get(OFF);
    toggle.addEventListener("change", () => store.set(OFF, !toggle.checked));
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const { key, target, ctrlKey, altKey, metaKey, isComposing } = event;
    if (ctrlKey || altKey || metaKey || isComposing || event.defaultPrevented || this.#store.get(OFF)) return;
    if (!Object.hasOwn(this.#deeds, key) || target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.#deeds[key]();
  }
}
