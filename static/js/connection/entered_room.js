// A room that a connection has entered: where it goes on from, and what of it has arrived.

import { Acks } from "./acks.js";

export class EnteredRoom {
  // The server has let the connection in, on its present socket.
  isWelcomed = false;
  #cursor;

  /** `cursor` returns {seq, hash} of the last row that the page has; `write` sends a frame. */
  constructor({ id, cursor, write }) {
    this.id = id;
    this.#cursor = cursor;
    this.acks = new Acks((seq) => write({ type: "ack", room: id, seq }));
  }

  /** What the server has to know at entering: {after, hash} of the last row, or nothing where the page has none. */
  get place() {
    const { seq, hash } = this.#cursor();
    return seq ? { after: seq, hash } : {};
  }

  /** Another socket begins, on which nothing has arrived yet. */
  reset() {
    this.isWelcomed = false;
    this.acks.reset();
  }
}

/** The room that an event is about, or undefined. */
export function roomOf({ room }) {
  return room?.id ?? room;
}
