// The user's own name and face, below the rooms.

import { Component } from "../lib/component.js";
import { drawFace } from "../lib/face.js";
import { drawNames } from "../lib/names.js";

export class OwnName extends Component {
  static targets = ["ownName"];
  static needs = ["user"];

  /** The user has another name or picture now; `user` has it already. */
  draw() {
    const [face, name] = this.ownNameTarget.children;
    face.replaceWith(drawFace(this.user));
    name.replaceChildren(...drawNames(this.user));
  }
}
