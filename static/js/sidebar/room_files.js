// The newest files of this room, in the panel. What draws them comes when somebody looks at them.

import { getJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { onNextFrame } from "../lib/frame.js";
import { say } from "../lib/strings.js";

const MOST_SHOWN = 30;

export class RoomFiles extends Component {
  static targets = ["roomFiles", "roomFilesNote"];
  static needs = ["peoplePanel", "feed", "urls", "times", "signal"];

  // Whether what is shown is all that there is.
  #isFresh = false;
  #isFetching = false;
  #look = () => this.#lookAtIt();

  constructor(page) {
    super(page);
    this.peoplePanel.addEventListener("change", this.#look, { signal: this.signal });
    this.feed.addEventListener("rows", ({ detail }) => this.#came(detail));
    onNextFrame(this.#look);
  }

  #came(rows) {
    if (!rows.some(({ attachment, kind }) => attachment || kind === "redacted")) return;
    this.#isFresh = false;
    onNextFrame(this.#look);
  }

  async #lookAtIt() {
    if (this.#isFresh || this.#isFetching || !this.peoplePanel.shows("files")) return;
    this.#isFetching = true;
    this.#isFresh = true;
    try {
      const drawing = import("./room_file.js");
      const [{ files }, { drawFile }] = await Promise.all([getJson(this.urls.files, { limit: MOST_SHOWN }), drawing]);
      this.roomFilesTarget.replaceChildren(...files.map((row) => drawFile(row, this)));
      this.roomFilesNoteTarget.textContent = files.length ? "" : say("no_files");
    } catch (error) {
      // The next look asks again.
      this.#isFresh = false;
      this.roomFilesNoteTarget.textContent = error.message || say("try_later");
    } finally {
      this.#isFetching = false;
    }
  }
}
