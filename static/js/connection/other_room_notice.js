// The line for who has gone to another room, in another tab or on another device. What was read stays readable, and what
// was begun stays begun; the page comes back only when it is told to, or two tabs would pull at each other for ever.

import { sayNodes, say } from "../lib/strings.js";

export class Elsewhere {
  #notice;
  #sentence;
  #back;
  #go;
  #roomUrl;

  /** `roomUrl(id)` is a room's address; `onBack` is called when the person wants to be here again. */
  constructor({ elsewhere, elsewhereSentence, elsewhereBack, elsewhereGo, roomUrl, onBack }) {
    this.#notice = elsewhere;
    this.#sentence = elsewhereSentence;
    this.#back = elsewhereBack;
    this.#go = elsewhereGo;
    this.#roomUrl = roomUrl;
    this.#back.addEventListener("click", onBack);
  }

  /** `room` is where the person went, as far as the server says so. */
  show({ room, detail }) {
    const words = room ? sayNodes("elsewhere", { room: room.name }) : [detail || say("elsewhere_unnamed")];
    this.#sentence.replaceChildren(...words);
    this.#go.hidden = !room;
    if (room) this.#go.href = this.#roomUrl(room.id);
    this.#notice.hidden = false;
  }

  hide() {
    this.#notice.hidden = true;
  }
}
