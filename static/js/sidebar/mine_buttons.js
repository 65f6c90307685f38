// What a user sets for themselves in this room: whether it is among their favourites, and whether it is muted.

import { patchJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";

export class MineButtons extends Component {
  static targets = ["favouriteButton", "muteButton"];
  static needs = ["urls", "toast"];

  constructor(page) {
    super(page);
    this.favouriteButtonTarget.addEventListener("click", ({ target }) => this.#toggle(target, "favourite"));
    this.muteButtonTarget.addEventListener("click", ({ target }) => this.#toggle(target, "muted"));
  }

  async #toggle(button, name) {
    const isSet = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isSet));
    try {
      await patchJson(this.urls.mine, { [name]: isSet });
    } catch (error) {
      // The room stays as it was, and the button shows that.
      button.setAttribute("aria-pressed", String(!isSet));
      this.toast.show(error.message || say("try_later"));
    }
  }
}
