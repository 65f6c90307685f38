// A small menu beside the button that opened it (the ARIA menu pattern); where fingers point, a sheet.

import { Component } from "../lib/component.js";
import { button } from "../lib/dom.js";
import { drawIcon } from "./icons.js";
import { Sheet } from "./sheet.js";

const GAP_PX = 4;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class Menu extends Component {
  static targets = ["menu"];

  #opener = null;
  #sheet = new Sheet(this.menuTarget, () => this.#close(), () => this.#isPressed && this.#close());
  // A press has begun in it: the finger that stayed on a message until it came is lifted over it, which is no click.
  #isPressed = false;

  constructor(page) {
    super(page);
    const menu = this.menuTarget;
    menu.addEventListener("keydown", (event) => this.#pressed(event));
    menu.addEventListener("focusout", ({ relatedTarget }) => this.#lostFocus(relatedTarget));
    addEventListener("pointerdown", ({ target }) => this.#pointed(target), { capture: true });
    menu.addEventListener("click", (event) => this.#isPressed || !event.detail || event.stopPropagation(), { capture: true });
    // A sheet stays: as it takes the focus, a phone's keyboard goes.
    addEventListener("resize", () => menu.matches(".is-sheet") || this.#hide());
  }

  /** Show `items`, each {label, icon, act, needsTap, isDangerous}, beside `opener`, which gets the focus back; `label` names the menu. */
  open(opener, label, items) {
    this.#opener = opener;
    this.#isPressed = false;
    this.menuTarget.replaceChildren(...items.map((item) => this.#draw(item)));
    this.menuTarget.setAttribute("aria-label", label);
    this.menuTarget.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    const isSheet = matchMedia("(hover: none)").matches;
    this.menuTarget.classList.toggle("is-sheet", isSheet);
    if (isSheet) this.#sheet.open();
    else this.#place(opener.getBoundingClientRect());
    this.menuTarget.firstElementChild.focus({ preventScroll: true });
  }

  /** Safari gives a clicked button no focus: `next` is null then, and the menu stays until the click. */
  #lostFocus(next) {
    if (next && !this.menuTarget.contains(next)) this.#hide();
  }

  #pointed(target) {
    this.#isPressed = this.menuTarget.contains(target) || target === this.#sheet.scrim;
    if (!this.#isPressed) this.#hide();
  }

  /** What may lead away waits for the sheet to be gone from the history. The clipboard is only a tap's, as it happens. */
  #draw({ label, icon, act, needsTap = false, isDangerous = false }) {
    const item = button(isDangerous ? "menu-item is-dangerous" : "menu-item", label, () => {
      this.#close();
      if (needsTap) act();
      else this.#sheet.closed.then(act);
    });
    if (icon) item.prepend(drawIcon(icon));
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
    this.#sheet.close();
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener = null;
  }
}
