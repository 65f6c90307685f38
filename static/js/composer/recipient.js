// The recipient of what is written: everyone, or one user, privately. The choice is kept with the draft until it is
// changed, over a reload too: words for one user must not go to everyone because somebody forgot.

import { Component } from "../lib/component.js";
import { say, sayNodes } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

const KEY = "to";

/** Fires `change` when the recipient is another one. In a direct room there is none to choose, and no such part. */
export class Recipient extends Component {
  static targets = [
    ...["composerForm", "recipientLine", "recipientField"],
    ...["recipientChip", "recipientName", "recipientClear"],
  ];
  static needs = ["user", "urls", "presence", "storeOf"];

  #store = this.storeOf("draft");
  #chosen = null;
  // Null until the field first had the focus.
  #suggestions = null;

  constructor(page) {
    super(page);
    const field = this.recipientFieldTarget;
    field.addEventListener("focus", () => this.#suggest());
    field.addEventListener("input", () => this.#showProblem(""));
    this.recipientClearTarget.addEventListener("click", () => this.choose(null));
    this.#show(this.#store.get(KEY));
  }

  /** The user, or null for everyone. */
  get chosen() {
    return this.#chosen;
  }

  /** Whether something is typed and nobody is chosen, which the field says: such a message must not go to everyone. */
  refuses() {
    const isUnclear = this.#chosen === null && this.recipientFieldTarget.value.trim() !== "";
    if (isUnclear) {
      this.#showProblem(say("recipient_unclear"));
      this.recipientFieldTarget.focus();
    }
    return isUnclear;
  }

  choose(user) {
    if (user) this.#store.set(KEY, user);
    else this.#store.remove(KEY);
    this.#show(user);
    this.dispatchEvent(new Event("change"));
  }

  rename({ id, username, display_name: shown }) {
    if (this.#chosen?.id === id) this.#show({ id, username, display_name: shown });
  }

  /** The server may be away: the field is a plain one then, and its next focus tries again. */
  async #suggest() {
    try {
      const { suggestFor } = await import("./suggestions.js");
      this.#suggestions ??= suggestFor(this, say("no_such_recipient"));
    } catch {
      return;
    }
    if (document.activeElement === this.recipientFieldTarget) this.#suggestions.open();
  }

  #show(user) {
    this.#chosen = user;
    this.recipientFieldTarget.value = "";
    this.#showProblem("");
    this.recipientLineTarget.hidden = user !== null;
    this.recipientChipTarget.hidden = user === null;
    this.recipientNameTarget.replaceChildren(...(user ? sayNodes("privately_to", { name: nameOf(user) }) : []));
    this.composerFormTarget.classList.toggle("is-private", user !== null);
  }

  #showProblem(problem) {
    const field = this.recipientFieldTarget;
    field.setCustomValidity(problem);
    field.setAttribute("aria-invalid", String(problem !== ""));
    if (problem) field.reportValidity();
  }
}
