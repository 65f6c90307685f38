// The notice that the user is in another room now, in another tab or on another device. What was read stays readable and
// what was begun stays begun. The page comes back only when it is told to: otherwise two tabs would take the presence
// from each other for ever.

import { Component } from "../lib/component.js";
import { say, sayNodes } from "../lib/strings.js";

/** Fires `back` when the user wants to be in this room again. */
export class OtherRoomNotice extends Component {
  static targets = ["otherRoom", "otherRoomSentence", "otherRoomBack", "otherRoomGo"];
  static needs = ["roomUrl"];

  constructor(page) {
    super(page);
    this.otherRoomBackTarget.addEventListener("click", () => this.dispatchEvent(new Event("back")));
  }

  /** `room` is the other room, or null where the server does not say which. */
  show({ room, detail }) {
    const words = room ? sayNodes("other_room", { room: room.name }) : [detail || say("other_room_unnamed")];
    this.otherRoomSentenceTarget.replaceChildren(...words);
    this.otherRoomGoTarget.hidden = !room;
    if (room) this.otherRoomGoTarget.href = this.roomUrl(room.id);
    this.otherRoomTarget.hidden = false;
  }

  hide() {
    this.otherRoomTarget.hidden = true;
  }
}
