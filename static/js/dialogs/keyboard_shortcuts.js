// What keys do on the room's page; the list is at "?". Letters go to the composer, wherever they are typed. Only at a
// message, to which the user has come by keys, some of them are commands. Somebody who dictates, or whose hands tremble,
// may type these without meaning to: so they can be turned off (WCAG 2.1.4).

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";
import { areLettersCommands } from "./letter_keys.js";

// What they do: key_commands.js.
const LETTERS = ["?", "f", "m", "n", "p", "r"];
// What takes letters itself.
const TAKES_LETTERS = "input, textarea, select, [contenteditable], [role=menu], audio, video";

export class KeyboardShortcuts extends Component {
  static needs = ["composer", "messageWalk", "toast"];

  #page;

  constructor(page) {
    super(page);
    this.#page = page;
    addEventListener("click", ({ target }) => target.closest?.("[data-shows=keys]") && this.#do("?"));
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const { key, isComposing } = event;
    if (isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const command = this.#commandOf(event);
    if (command) {
      event.preventDefault();
      this.#do(command);
    } else if (isLetter(event) && key !== " " && !event.target.closest?.(TAKES_LETTERS)) {
      // Before the letter comes: it goes where the focus is. A space scrolls, or presses a button.
      this.composer.focus();
    }
  }

  /** The name of the command, or "". */
  #commandOf({ key, target, ctrlKey, altKey, metaKey, shiftKey }) {
    if (key === "/" && (ctrlKey || metaKey)) return "?";
    if (ctrlKey || altKey || metaKey) return "";
    if (key === "F6") return shiftKey ? "back" : "on";
    if (!LETTERS.includes(key) || !areLettersCommands() || target.closest?.(TAKES_LETTERS)) return "";
    return this.messageWalk.isAtMessage || (key === "?" && this.composer.isEmpty) ? key : "";
  }

  async #do(command) {
    try {
      const { commands } = await import("./key_commands.js");
      await commands[command](this.#page);
    } catch {
      this.toast.show(say("try_later"));
    }
  }
}

/** Whether the key writes something. AltGr, with which some do, counts as Ctrl and Alt in Windows. */
function isLetter(event) {
  const { key, ctrlKey, altKey, metaKey } = event;
  return [...key].length === 1 && ((!ctrlKey && !altKey && !metaKey) || event.getModifierState("AltGraph"));
}
