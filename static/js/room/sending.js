// The outbox as bubbles after the last row: sending, sent, or failed with a way to try again.

import { element } from "../lib/dom.js";
import { onNextFrame } from "../lib/frame.js";
import { say } from "../lib/strings.js";
import { withoutAddresses } from "./attachment.js";
import { drawTalk, dress, renameIn, talkRow } from "./message.js";

export class Sending {
  #place;
  #outbox;
  #transcript;
  #scroller;
  #composer;
  #takeBackTo;
  #you;
  #times;
  // client_id → {entry, row, status, failure}
  #bubbles = new Map();
  #draw = () => this.#drawAll();

  /** `takeBackTo(person)` is told for whom the words were that go back to the composer; null: for everyone. */
  constructor({ place, outbox, transcript, scroller, composer, takeBackTo, you, times }) {
    this.#place = place;
    this.#outbox = outbox;
    this.#transcript = transcript;
    this.#scroller = scroller;
    this.#composer = composer;
    this.#takeBackTo = takeBackTo;
    this.#you = you;
    this.#times = times;
    // In one frame with the rows, so that a bubble gives way to its row without a flicker.
    outbox.addEventListener("change", () => onNextFrame(this.#draw));
    transcript.addEventListener("drawn", () => onNextFrame(this.#draw));
    if (outbox.entries.length) this.#drawAll();
  }

  /** This person has another name now; `you` knows it already. */
  rename() {
    for (const { entry, row } of this.#bubbles.values()) renameIn(entry, row, { you: this.#you, times: this.#times });
  }

  #drawAll() {
    const entries = this.#outbox.entries;
    const ids = new Set(entries.map(({ client_id: id }) => id));
    for (const [id, { entry }] of this.#bubbles) {
      if (ids.has(id)) continue;
      const hadFocus = entry.contains(document.activeElement);
      entry.remove();
      this.#bubbles.delete(id);
      if (hadFocus) this.#composer.focus();
    }
    let previous = this.#transcript.newest;
    for (const entry of entries) {
      const bubble = this.#bubbles.get(entry.client_id) ?? this.#make(entry);
      this.#update(bubble, entry);
      dress(bubble.entry, bubble.row, previous, this.#times);
      previous = bubble.row;
    }
    this.#scroller.settle();
  }

  #make({ client_id: id, body, to, at, attachment }) {
    const file = attachment && withoutAddresses(attachment);
    const row = talkRow({ author: this.#you, body, to, at, attachment: file });
    const talk = drawTalk(row, { you: this.#you, times: this.#times });
    const bubble = {
      row,
      entry: element("div", "entry is-unsent", talk),
      status: element("span", "talk-status"),
      failure: this.#makeFailure(id, attachment),
    };
    talk.append(bubble.status, bubble.failure);
    this.#bubbles.set(id, bubble);
    this.#place.append(bubble.entry);
    return bubble;
  }

  #makeFailure(id, attachment) {
    const failure = element("div", "talk-failure");
    failure.append(
      element("span", "talk-failure-reason"),
      button("btn btn-sm btn-outline-primary", say("try_again"), () => this.#outbox.retry(id)),
      attachment
        ? button("btn btn-sm btn-link", say("discard"), () => this.#outbox.discard(id))
        : button("btn btn-sm btn-link", say("edit"), () => this.#takeBack(id)),
    );
    return failure;
  }

  /** The words go back to where they can be changed, or thrown away. */
  #takeBack(id) {
    const { row } = this.#bubbles.get(id);
    this.#outbox.discard(id);
    this.#takeBackTo(row.to);
    this.#composer.take(row.body);
  }

  #update({ entry, status, failure }, { state, detail, code }) {
    const isFailed = state === "failed";
    entry.dataset.state = state;
    if (!isFailed && failure.contains(document.activeElement)) this.#composer.focus();
    failure.hidden = !isFailed;
    status.textContent = isFailed ? "" : this.#statusOf(state, code);
    // Something that the server said while it could not take the words: it is tried again by itself.
    status.title = detail;
    if (isFailed) failure.firstChild.textContent = detail || say("not_sent");
  }

  #statusOf(state, code) {
    if (state === "waiting" && !this.#outbox.isConnected) return say("waiting");
    if (state !== "sent" && code === "read_only") return say("kept");
    return say(state === "sent" ? "sent" : "sending");
  }
}

function button(className, text, onClick) {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}
