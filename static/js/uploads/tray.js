// The files that are chosen and not sent yet, above the composer.

import { drawCard, shownName } from "../files/file_card.js";
import { Component } from "../lib/component.js";
import { button, element } from "../lib/dom.js";
import { list, say } from "../lib/strings.js";
import { problemOf } from "./file_limits.js";

const MOST_AT_ONCE = 20;
const PICTURES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml)$/;

/** Fires `change` when files come or go. */
export class Tray extends Component {
  static targets = ["tray", "trayProblem"];
  static needs = ["fileLimits", "announcer", "signal"];

  // file → its item
  #chosen = new Map();

  constructor(page) {
    super(page);
    addEventListener("beforeunload", (event) => this.isEmpty || event.preventDefault(), { signal: this.signal });
  }

  get isEmpty() {
    return this.#chosen.size === 0;
  }

  /** Add the files that may be sent, and say why not of the others. */
  add(files) {
    const problems = new Set();
    const names = [];
    for (const file of files) {
      const isFull = this.#chosen.size >= MOST_AT_ONCE;
      const problem = isFull ? say("too_many_files", { count: MOST_AT_ONCE }) : problemOf(file, this.fileLimits);
      if (problem) problems.add(problem);
      else {
        this.#chosen.set(file, this.#draw(file));
        names.push(shownName(file.name));
      }
    }
    if (names.length) this.announcer.say(say("files_chosen", { names: list(names) }));
    this.trayProblemTarget.textContent = [...problems].join("\n");
    this.#changed();
  }

  /** Return all chosen files, which leaves the tray empty. */
  takeAll() {
    const files = [...this.#chosen.keys()];
    for (const file of files) this.#remove(file);
    this.trayProblemTarget.textContent = "";
    this.#changed();
    return files;
  }

  #draw(file) {
    const label = element("span", "visually-hidden", say("remove_file", { name: shownName(file.name) }));
    const remove = button("tray-remove", label, () => this.#takeOut(file));
    const item = element("li", "tray-item", drawCard(file, remove));
    if (PICTURES.test(file.type)) drawThumbnail(file, item.querySelector(".file-icon"));
    this.trayTarget.append(item);
    return item;
  }

  #takeOut(file) {
    const item = this.#chosen.get(file);
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
    this.#remove(file);
    this.trayProblemTarget.textContent = "";
    this.#changed();
    next?.focus();
  }

  #remove(file) {
    const item = this.#chosen.get(file);
    const picture = item.querySelector("img");
    if (picture) URL.revokeObjectURL(picture.src);
    item.remove();
    this.#chosen.delete(file);
  }

  #changed() {
    this.trayTarget.hidden = this.isEmpty;
    this.dispatchEvent(new Event("change"));
  }
}

/** Show the picture instead of the icon, which comes back if the file only claims to be a picture. */
function drawThumbnail(file, icon) {
  const picture = element("img", "file-thumbnail");
  picture.alt = "";
  picture.addEventListener("error", () => {
    URL.revokeObjectURL(picture.src);
    picture.replaceWith(icon);
  });
  picture.src = URL.createObjectURL(file);
  icon.replaceWith(picture);
}
