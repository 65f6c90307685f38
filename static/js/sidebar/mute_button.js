// Whether this room calls the person in their lists.

import { patchJson } from "../lib/api.js";

export class Mute {
  #button;
  #url;

  constructor({ button, url }) {
    this.#button = button;
    this.#url = url;
    button.addEventListener("click", () => this.#turn());
  }

  async #turn() {
    const muted = this.#button.getAttribute("aria-pressed") !== "true";
    this.#button.setAttribute("aria-pressed", String(muted));
    try {
      await patchJson(this.#url, { muted });
    } catch {
      // It stays as it was, and shows so.
      this.#button.setAttribute("aria-pressed", String(!muted));
    }
  }
}
