// The place at which somebody reads is kept while they look at the room's files: the way back leads to it, by the link of
// that page and by the browser's Back alike.

import { Component } from "../lib/component.js";

export class KeptPlace extends Component {
  static targets = ["filesLink"];
  static needs = ["scroller", "urls"];

  constructor(page) {
    super(page);
    this.filesLinkTarget.addEventListener("click", () => this.#keep());
  }

  #keep() {
    const seq = this.scroller.placeSeq;
    this.filesLinkTarget.search = seq ? `?at=${seq}` : "";
    if (seq) history.replaceState(null, "", `${this.urls.room}at/${seq}/`);
  }
}
