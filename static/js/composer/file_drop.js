// The three ways in which files come to the composer: the button, dropping them on the room, and pasting.

import { nameOf } from "../lib/users.js";
import { say, sayNodes } from "../lib/strings.js";

// While something is dragged over the page the browser says so several times a second, and says little when it stops.
const STILL_THERE_MS = 500;

/** Fires `files` (detail: a list of them). */
export class Attach extends EventTarget {
  #field;
  #veil;
  #to;
  #tell;
  #timer = null;
  // What is dragged is of this page: a picture in the transcript, perhaps by mistake.
  #isOurs = false;

  /** `to()` is whom they would go to, null for everyone; `tell(sentence)` says what cannot be taken. */
  constructor({ attach, attachField, field, dropVeil, to, tell }) {
    super();
    this.#field = attachField;
    this.#veil = dropVeil;
    this.#to = to;
    this.#tell = tell;
    attach.addEventListener("click", () => this.open());
    attachField.addEventListener("change", () => {
      this.#bring([...attachField.files]);
      // The same file may be chosen once more.
      attachField.value = "";
    });
    field.addEventListener("paste", (event) => this.#pasted(event));
    addEventListener("dragstart", () => (this.#isOurs = true));
    addEventListener("dragend", () => (this.#isOurs = false));
    addEventListener("dragover", (event) => this.#dragged(event));
    addEventListener("drop", (event) => this.#dropped(event));
  }

  open() {
    if (!this.#isClosed) this.#field.click();
  }

  /** The composer is closed, or something stands over it. */
  get #isClosed() {
    return this.#field.disabled || document.querySelector("dialog[open]") !== null;
  }

  #pasted(event) {
    const { files, types } = event.clipboardData;
    // Words from an office program come with a picture of themselves: the words are meant.
    const isWords = types.includes("text/plain") && types.includes("text/html");
    if (!files.length || isWords) return;
    event.preventDefault();
    this.#bring([...files]);
  }

  #dragged(event) {
    if (!this.#hasFiles(event)) return;
    // Without this the browser would leave the room for the file that is dropped.
    event.preventDefault();
    event.dataTransfer.dropEffect = this.#isClosed ? "none" : "copy";
    if (this.#isClosed) return;
    this.#show();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), STILL_THERE_MS);
  }

  #dropped(event) {
    if (!this.#hasFiles(event)) return;
    event.preventDefault();
    this.#hide();
    if (this.#isClosed) return;
    const { items, files } = event.dataTransfer;
    const isFolder = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.()?.isDirectory);
    if (isFolder.includes(true)) this.#tell(say("no_folders"));
    this.#bring([...files].filter((_, index) => !isFolder[index]));
  }

  #hasFiles({ dataTransfer }) {
    return !this.#isOurs && dataTransfer.types.includes("Files");
  }

  #show() {
    if (!this.#veil.hidden) return;
    const person = this.#to();
    const sentence = person ? sayNodes("drop_for_one", { name: nameOf(person) }) : [say("drop")];
    this.#veil.firstElementChild.replaceChildren(...sentence);
    this.#veil.hidden = false;
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#veil.hidden = true;
  }

  #bring(files) {
    if (files.length) this.dispatchEvent(new CustomEvent("files", { detail: files }));
  }
}
