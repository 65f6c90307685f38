// The three ways in which files get to the composer: the button, dropping them on the room, and pasting.

import { Component } from "../lib/component.js";
import { say, sayNodes } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

// While something is dragged over the page, `dragover` fires several times a second; its end fires nothing reliable.
const DRAG_ENDED_MS = 500;

export class FileDrop extends Component {
  static targets = ["attachButton", "fileField", "composerField", "dropVeil"];
  static needs = ["recipient", "attachments", "toast"];

  #timer = null;
  // Something of this page is dragged, such as a picture in the transcript: that is no file to send.
  #isOwnDrag = false;

  constructor(page) {
    super(page);
    const field = this.fileFieldTarget;
    this.attachButtonTarget.addEventListener("click", () => this.open());
    field.addEventListener("change", () => {
      this.#choose([...field.files]);
      // Empty, so that the same file can be chosen again.
      field.value = "";
    });
    this.composerFieldTarget.addEventListener("paste", (event) => this.#pasted(event));
    this.listen(window, "dragstart", () => (this.#isOwnDrag = true));
    this.listen(window, "dragend", () => (this.#isOwnDrag = false));
    this.listen(window, "dragover", (event) => this.#dragged(event));
    this.listen(window, "drop", (event) => this.#dropped(event));
  }

  /** Open the browser's dialog to choose files. */
  open() {
    if (!this.#isClosed) this.fileFieldTarget.click();
  }

  /** The composer is closed, or a dialog is open above it. */
  get #isClosed() {
    return this.fileFieldTarget.disabled || document.querySelector("dialog[open]") !== null;
  }

  #pasted(event) {
    const { files, types } = event.clipboardData;
    // Text copied from an office program comes with a picture of itself: the text is meant.
    const isText = types.includes("text/plain") && types.includes("text/html");
    if (!files.length || isText) return;
    event.preventDefault();
    this.#choose([...files]);
  }

  #dragged(event) {
    if (!this.#hasFiles(event)) return;
    // Otherwise the browser leaves the page and opens the file that is dropped.
    event.preventDefault();
    event.dataTransfer.dropEffect = this.#isClosed ? "none" : "copy";
    if (this.#isClosed) return;
    this.#showVeil();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hideVeil(), DRAG_ENDED_MS);
  }

  #dropped(event) {
    if (!this.#hasFiles(event)) return;
    event.preventDefault();
    this.#hideVeil();
    if (this.#isClosed) return;
    const { items, files } = event.dataTransfer;
    const isFolder = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.()?.isDirectory);
    if (isFolder.includes(true)) this.toast.show(say("no_folders"));
    this.#choose([...files].filter((_, index) => !isFolder[index]));
  }

  #hasFiles({ dataTransfer }) {
    return !this.#isOwnDrag && dataTransfer.types.includes("Files");
  }

  #showVeil() {
    if (!this.dropVeilTarget.hidden) return;
    const user = this.recipient?.chosen;
    const sentence = user ? sayNodes("drop_for_one", { name: nameOf(user) }) : [say("drop")];
    this.dropVeilTarget.firstElementChild.replaceChildren(...sentence);
    this.dropVeilTarget.hidden = false;
  }

  #hideVeil() {
    clearTimeout(this.#timer);
    this.dropVeilTarget.hidden = true;
  }

  #choose(files) {
    if (files.length) this.attachments.choose(files);
  }
}
