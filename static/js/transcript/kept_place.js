// The place at which somebody reads is kept while they look at the room's files: the way back leads to it, by the link of
// that page and by the browser's Back alike.

import { Component } from "../lib/component.js";

export class KeptPlace extends Component {
  static targets = ["filesLink", "allFilesLink"];
  static needs = ["scroller", "urls"];

  constructor(page) {
    super(page);
    for (const link of [this.filesLinkTarget, this.allFilesLinkTarget]) {
      link.addEventListener("click", () => this.#keep(link));
    }
  }

  #keep(link) {
    const seq = this.scroller.placeSeq;
    link.search = seq ? `?at=${seq}` : "";
    if (seq) history.replaceState(null, "", `${this.urls.room}at/${seq}/`);
  }
}
