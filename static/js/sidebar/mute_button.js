// Mutes this room: what is unread in it is not shown in the user's lists.

import { patchJson } from "../lib/api.js";
import { Component } from "../lib/component.js";

export class MuteButton extends Component {
  static targets = ["muteButton"];
  static needs = ["urls"];

  constructor(page) {
    super(page);
    this.muteButtonTarget.addEventListener("click", () => this.#toggle());
  }

  async #toggle() {
    const muted = this.muteButtonTarget.getAttribute("aria-pressed") !== "true";
    this.muteButtonTarget.setAttribute("aria-pressed", String(muted));
    try {
      await patchJson(this.urls.mine, { muted });
    } catch {
      // The room stays as it was, and the button shows that.
      this.muteButtonTarget.setAttribute("aria-pressed", String(!muted));
    }
  }
}
