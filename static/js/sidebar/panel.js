// The rooms and the panel at the sides of the talk: columns where there is room for them. Where there is none, they are
// drawers: over the talk, until a tap outside, Escape, or Back.

import { Component } from "../lib/component.js";
import { Store } from "../lib/store.js";

// The same as in room.css.
const ROOMS_ARE_A_SCREEN = "(max-width: 47.99rem)";
const PANEL_IS_A_DRAWER = "(max-width: 63.99rem)";
// Where nobody has opened or closed the panel yet.
const PANEL_IS_OPEN = "(min-width: 90rem)";
const OPEN = "open";

class Drawer extends Component {
  static targets = ["frame", "conversation", "side"];

  #name;
  #panel;
  #button;
  #narrow;

  /** `narrow` is the media query in which it is a drawer; `name` tells it from others in the browser's history. */
  constructor(page, { name, panel, button, close, narrow }) {
    super(page);
    this.#name = name;
    this.#panel = panel;
    this.#button = button;
    this.#narrow = matchMedia(narrow);
    button.addEventListener("click", () => this.toggle());
    close.addEventListener("click", () => this.toggle());
    panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.close());
    // What is inert lets a tap through to the frame.
    this.frameTarget.addEventListener("click", ({ target }) => target === this.frameTarget && this.close());
    // Back closes it, Forward opens it, and a page that one comes back to, or loads again, is as it was.
    addEventListener("popstate", () => this.#follow());
    this.#narrow.addEventListener("change", () => this.close());
    if (isGoneTo() && history.state?.drawer) history.replaceState(null, "");
    this.#follow();
  }

  get isDrawer() {
    return this.#narrow.matches;
  }

  /** Whether it can be seen. (To measure that would cost a layout before the first paint.) */
  get isVisible() {
    return this.isDrawer ? this.#isOpen : this.isColumnShown;
  }

  get isColumnShown() {
    return true;
  }

  /** Show it and give it the focus. */
  open() {
    if (this.isDrawer && !this.#isOpen) {
      history.pushState({ drawer: this.#name }, "");
      this.#follow();
    } else this.#panel.focus();
  }

  /** Close the drawer; a column stays. */
  close() {
    if (!this.#isOpen) return;
    this.#show(false);
    if (history.state?.drawer === this.#name) history.back();
  }

  toggle() {
    if (this.#isOpen) this.close();
    else this.open();
  }

  get #isOpen() {
    return this.#panel.classList.contains("is-shown");
  }

  #follow() {
    this.#show(this.isDrawer && history.state?.drawer === this.#name);
  }

  #show(isOpen) {
    if (isOpen === this.#isOpen) return;
    this.#panel.classList.toggle("is-shown", isOpen);
    this.#button.setAttribute("aria-expanded", String(isOpen));
    this.frameTarget.classList.toggle("has-drawer", isOpen);
    for (const covered of [this.conversationTarget, this.sideTarget]) {
      if (covered !== this.#panel) covered.inert = isOpen;
    }
    if (isOpen) this.#panel.focus();
    else if (this.isDrawer) this.#button.focus();
    this.dispatchEvent(new Event("change"));
  }
}

function isGoneTo() {
  return performance.getEntriesByType("navigation")[0]?.type === "navigate";
}

export class RoomsPanel extends Drawer {
  constructor(page) {
    const { side: panel, sideButton: button, sideClose: close } = page.targets;
    super(page, { name: "rooms", panel, button, close, narrow: ROOMS_ARE_A_SCREEN });
  }
}

/** People, files and what is pinned, a tab for each. Fires `change` when another one of them can be seen, or none. */
export class PeoplePanel extends Drawer {
  static targets = [...Drawer.targets, "panel", "panelButton", "panelClose", "panelTabs"];
  static needs = ["user"];

  #store = new Store(`chatsite:panel:${this.user.id}`);
  // A promise, once it has been opened.
  #tabs = null;

  constructor(page) {
    const { panel, panelButton: button, panelClose: close } = page.targets;
    super(page, { name: "panel", panel, button, close, narrow: PANEL_IS_A_DRAWER });
    this.#showColumn(this.#store.get(OPEN) ?? matchMedia(PANEL_IS_OPEN).matches);
    this.addEventListener("change", () => this.#connectTabs());
    this.#connectTabs();
  }

  open() {
    if (!this.isDrawer) this.#keepColumn(true);
    super.open();
  }

  toggle() {
    if (this.isDrawer) {
      super.toggle();
      return;
    }
    const isOpen = !this.isVisible;
    this.#keepColumn(isOpen);
    if (!isOpen) this.panelButtonTarget.focus();
  }

  get isColumnShown() {
    return this.frameTarget.classList.contains("has-panel");
  }

  /** Whether the tab of this name can be seen. */
  shows(name) {
    return this.isVisible && this.panelTabsTarget.querySelector("[aria-selected=true]").id === `tab-${name}`;
  }

  #keepColumn(isOpen) {
    this.#store.set(OPEN, isOpen);
    this.#showColumn(isOpen);
  }

  #showColumn(isOpen) {
    this.frameTarget.classList.toggle("has-panel", isOpen);
    if (!this.isDrawer) this.panelButtonTarget.setAttribute("aria-expanded", String(isOpen));
    this.dispatchEvent(new Event("change"));
  }

  /** What makes the tabs work comes when they are first seen; where it does not come, with the next change. */
  #connectTabs() {
    if (!this.isVisible || this.#tabs) return;
    const changed = () => this.dispatchEvent(new Event("change"));
    this.#tabs = import("./panel_tabs.js")
      .then(({ connectTabs }) => connectTabs(this.panelTabsTarget, this.#store, changed))
      .catch(() => (this.#tabs = null));
  }
}
