// The bar over the message that has the pointer or, by keys, the focus: what is done most. It is one for all messages, and
// moves. What is in it is a part of the message's menu: an item with an icon that is `isAtHand` (menu_items.js).

import { button, element } from "../lib/dom.js";
import { drawIcon } from "./icons.js";

export class MessageBar {
  #bar = element("div", "message-bar");

  isAt(message) {
    return this.#bar.parentElement === message;
  }

  /** Show `items` at this message, before the button of its menu. */
  show(message, items) {
    const more = message.querySelector(":scope > .message-more");
    // From under who has come to it by keys it is not taken.
    if (!more || this.#bar.querySelector(":focus-visible")) return;
    this.#giveUpFocus();
    this.#bar.replaceChildren(...items.map((item) => draw(item, more.tabIndex)));
    more.before(this.#bar);
  }

  /** Take it away, but not from under who is at it. */
  hide() {
    const message = this.#bar.parentElement;
    if (!message || message.matches(":hover, :focus-visible, :has(:focus-visible)") || message.querySelector("[aria-expanded=true]")) return;
    this.#giveUpFocus();
    this.#bar.remove();
  }

  /** A click gave it to what is about to go. */
  #giveUpFocus() {
    if (this.#bar.contains(document.activeElement)) this.#bar.parentElement.focus({ preventScroll: true });
  }
}

function draw({ label, icon, act }, tabIndex) {
  const tool = button("", drawIcon(icon), act);
  tool.title = label;
  tool.setAttribute("aria-label", label);
  tool.tabIndex = tabIndex;
  return tool;
}
