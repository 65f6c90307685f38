// A small menu beside the button that opened it (the ARIA menu pattern).

import { element } from "../lib/dom.js";

const GAP_PX = 4;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class Menu {
  #place;
  #opener = null;

  /** `place` is the empty element that becomes the menu. */
  constructor(place) {
    this.#place = place;
    place.addEventListener("keydown", (event) => this.#pressed(event));
    place.addEventListener("focusout", ({ relatedTarget }) => this.#left(relatedTarget));
    addEventListener("pointerdown", ({ target }) => place.contains(target) || this.#hide(), { capture: true });
    addEventListener("resize", () => this.#hide());
  }

  /** Show `items`, each {label, act, isDangerous}, beside `opener`, which gets the focus back; `label` names the menu. */
  open(opener, label, items) {
    this.#opener = opener;
    this.#place.replaceChildren(...items.map((item) => this.#draw(item)));
    this.#place.setAttribute("aria-label", label);
    this.#place.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    this.#stand(opener.getBoundingClientRect());
    this.#place.firstElementChild.focus({ preventScroll: true });
  }

  /** Safari gives a clicked button no focus: it goes to nobody then, and the menu waits for the click. */
  #left(next) {
    if (next && !this.#place.contains(next)) this.#hide();
  }

  #draw({ label, act, isDangerous = false }) {
    const item = element("button", isDangerous ? "menu-item is-dangerous" : "menu-item", label);
    item.type = "button";
    item.tabIndex = -1;
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => {
      this.#close();
      act();
    });
    return item;
  }

  /** Under the opener, or over it where there is no room, and inside the window. */
  #stand({ top, bottom, left }) {
    const { offsetWidth: width, offsetHeight: height } = this.#place;
    const isOver = bottom + GAP_PX + height > innerHeight && top - GAP_PX - height > 0;
    this.#place.style.top = `${isOver ? top - GAP_PX - height : Math.min(bottom + GAP_PX, innerHeight - height)}px`;
    this.#place.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
  }

  #pressed(event) {
    const items = [...this.#place.children];
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
    if (this.#place.hidden) return;
    this.#place.hidden = true;
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener = null;
  }
}
