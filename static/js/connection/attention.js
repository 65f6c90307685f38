// Where the user's attention is: a page that has the focus, or is typed in, makes them present in its room. A page that
// has lost it to another tab or device goes on as before; a line says where the user is shown now.

import { Component } from "../lib/component.js";
import { element } from "../lib/dom.js";
import { say, sayNodes } from "../lib/strings.js";

export class Attention extends Component {
  static targets = ["elsewhere"];
  static needs = ["connection", "myRooms"];

  constructor(page) {
    super(page);
    addEventListener("focus", () => this.come());
    // A phone that shows the browser again may give the page no `focus`.
    document.addEventListener("visibilitychange", () => document.hidden || this.comeIfFocused());
    this.comeIfFocused();
  }

  /** The user attends this room, by its id, in another tab or on another device. */
  moved(room) {
    const name = this.myRooms.nameOf(room);
    const words = name ? sayNodes("other_room", { room: name }) : [say("other_room_unnamed")];
    // The line is a flex box: each of the words would be a box of its own.
    this.elsewhereTarget.replaceChildren(element("span", "", ...words));
    this.elsewhereTarget.hidden = false;
  }

  comeIfFocused() {
    if (document.hasFocus()) this.come();
  }

  /** The user attends the room that is shown, by this page. */
  come() {
    this.connection.attend();
    this.elsewhereTarget.hidden = true;
  }
}
