// A small menu beside the button that opened it (the ARIA menu pattern).

import { Component } from "../lib/component.js";
import { button } from "../lib/dom.js";

const GAP_PX = 4;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class Menu extends Component {
  static targets = ["menu"];

  #opener = null;

  constructor(page) {
    super(page);
    const menu = this.menuTarget;
    menu.addEventListener("keydown", (event) => this.#pressed(event));
    menu.addEventListener("focusout", ({ relatedTarget }) => this.#lostFocus(relatedTarget));
    addEventListener("pointerdown", ({ target }) => menu.contains(target) || this.#hide(), { capture: true });
    addEventListener("resize", () => this.#hide());
  }

  /** Show `items`, each {label, act, isDangerous}, beside `opener`, which gets the focus back; `label` names the menu. */
  open(opener, label, items) {
    this.#opener = opener;
    this.menuTarget.replaceChildren(...items.map((item) => this.#draw(item)));
    this.menuTarget.setAttribute("aria-label", label);
    this.menuTarget.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    this.#place(opener.getBoundingClientRect());
    this.menuTarget.firstElementChild.focus({ preventScroll: true });
  }

  /** Safari gives a clicked button no focus: `next` is null then, and the menu stays until the click. */
  #lostFocus(next) {
    if (next && !this.menuTarget.contains(next)) this.#hide();
  }

  #draw({ label, act, isDangerous = false }) {
    const item = button(isDangerous ? "menu-item is-dangerous" : "menu-item", label, () => {
      this.#close();
      act();
    });
    item.tabIndex = -1;
    item.setAttribute("role", "menuitem");
    return item;
  }

  /** Below the opener, or above it where there is no room, and inside the window. */
  #place({ top, bottom, left }) {
    const { offsetWidth: width, offsetHeight: height, style } = this.menuTarget;
    const isAbove = bottom + GAP_PX + height > innerHeight && top - GAP_PX - height > 0;
    style.top = `${isAbove ? top - GAP_PX - height : Math.min(bottom + GAP_PX, innerHeight - height)}px`;
    style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
  }

  #pressed(event) {
    const items = [...this.menuTarget.children];
    const index = items.indexOf(document.activeElement);
    const step = STEPS[event.key];
    if (step) items[(index + step + items.length) % items.length].focus();
    else if (event.key === "Home") items[0].focus();
    else if (event.key === "End") items.at(-1).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #close() {
    const opener = this.#opener;
    this.#hide();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  }

  #hide() {
    if (this.menuTarget.hidden) return;
    this.menuTarget.hidden = true;
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener = null;
  }
}
