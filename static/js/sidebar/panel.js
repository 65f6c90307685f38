// The rooms and the people at the sides: columns on a wide screen; on a narrow one they cover the conversation.

import { Component } from "../lib/component.js";

class Panel extends Component {
  #panel;
  #button;
  #wide;

  /** `wide` is the media query of the style sheet (room.css) in which the panel is a column. */
  constructor(page, { panel, button, close, wide }) {
    super(page);
    this.#panel = panel;
    this.#button = button;
    this.#wide = matchMedia(wide);
    button.addEventListener("click", () => this.#show(!this.#isShown));
    close.addEventListener("click", () => this.#show(false));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#show(false));
    this.#wide.addEventListener("change", () => this.#show(false));
  }

  /** Show the panel. A column, which is always shown, gets the focus. */
  open() {
    if (this.#wide.matches) this.#panel.focus();
    else this.#show(true);
  }

  close() {
    this.#show(false);
  }

  get #isShown() {
    return this.#panel.classList.contains("is-shown");
  }

  #show(isShown) {
    if (isShown === this.#isShown) return;
    this.#panel.classList.toggle("is-shown", isShown);
    this.#button.setAttribute("aria-expanded", String(isShown));
    this.conversationTarget.inert = isShown;
    if (isShown) this.#panel.focus();
    else if (!this.#wide.matches) this.#button.focus();
  }
}

export class PeoplePanel extends Panel {
  static targets = ["conversation", "panel", "panelButton", "panelClose"];

  constructor(page) {
    const { panel, panelButton: button, panelClose: close } = page.targets;
    super(page, { panel, button, close, wide: "(min-width: 60rem)" });
  }
}

export class RoomsPanel extends Panel {
  static targets = ["conversation", "side", "sideButton", "sideClose"];

  constructor(page) {
    const { side: panel, sideButton: button, sideClose: close } = page.targets;
    super(page, { panel, button, close, wide: "(min-width: 72rem)" });
  }
}
