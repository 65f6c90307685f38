// The files that were chosen and not sent yet, above the composer.

import { element } from "../lib/dom.js";
import { drawCard, shownName } from "../files/file_card.js";
import { say } from "../lib/strings.js";
import { problemOf } from "./file_limits.js";

const MOST_AT_ONCE = 20;
const PICTURES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml)$/;

/** Fires `change` when files come or go. */
export class Tray extends EventTarget {
  #place;
  #problem;
  #limits;
  // file → its item
  #chosen = new Map();

  constructor({ tray, trayProblem, limits }) {
    super();
    this.#place = tray;
    this.#problem = trayProblem;
    this.#limits = limits;
    addEventListener("beforeunload", (event) => this.isEmpty || event.preventDefault());
  }

  get isEmpty() {
    return this.#chosen.size === 0;
  }

  /** Take in the files that may be sent, and say of the others why not. */
  add(files) {
    const problems = new Set();
    for (const file of files) {
      const problem = this.#chosen.size < MOST_AT_ONCE ? problemOf(file, this.#limits) : say("too_many_files", { count: MOST_AT_ONCE });
      if (problem) problems.add(problem);
      else this.#chosen.set(file, this.#draw(file));
    }
    this.#problem.textContent = [...problems].join("\n");
    this.#changed();
  }

  /** Hand over all that was chosen. */
  take() {
    const files = [...this.#chosen.keys()];
    for (const file of files) this.#remove(file);
    this.#problem.textContent = "";
    this.#changed();
    return files;
  }

  #draw(file) {
    const remove = element("button", "tray-remove", element("span", "visually-hidden", say("remove_file", { name: shownName(file.name) })));
    remove.type = "button";
    remove.addEventListener("click", () => this.#takeOut(file));
    const item = element("li", "tray-item", drawCard(file, remove));
    if (PICTURES.test(file.type)) drawThumbnail(file, item.querySelector(".file-icon"));
    this.#place.append(item);
    return item;
  }

  #takeOut(file) {
    const item = this.#chosen.get(file);
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
    this.#remove(file);
    this.#problem.textContent = "";
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
    this.#place.hidden = this.isEmpty;
    this.dispatchEvent(new Event("change"));
  }
}

/** In the place of the icon, which comes back where the file only says that it is a picture. */
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
