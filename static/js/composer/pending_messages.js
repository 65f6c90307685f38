// The outbox as messages after the last row: held with a way to take them back, sending, sent, or failed with a way to try
// again.

import { Component } from "../lib/component.js";
import { button, element } from "../lib/dom.js";
import { onNextFrame } from "../lib/frame.js";
import { number, say } from "../lib/strings.js";
import { withoutAddresses } from "../files/attachment.js";
import { dress, renameIn } from "../transcript/entry.js";
import { drawMessage, ownRow } from "../transcript/message.js";
import { isHeld } from "./outbox.js";

const SECOND_MS = 1000;

export class PendingMessages extends Component {
  static targets = ["pendingMessages"];
  static needs = ["outbox", "transcript", "announcer", "scroller", "composer", "recipient", "user", "times"];

  // client_id → {row, entry, status, undo, failure}
  #drawn = new Map();
  #draw = () => this.#drawAll();

  constructor(page) {
    super(page);
    // In the frame that draws the rows, so that a pending message gives way to its row without a flicker.
    this.outbox.addEventListener("change", () => onNextFrame(this.#draw));
    this.transcript.addEventListener("drawn", () => onNextFrame(this.#draw));
    if (this.outbox.entries.length) this.#drawAll();
  }

  /** Put the words that are held, `id` or the last ones, back into the composer; false where there are none. */
  takeBack(id) {
    const entry = this.outbox.takeBack(id);
    if (entry) this.#restore(entry);
    return entry !== null;
  }

  /** The user has another name now; `user` has it already. */
  rename() {
    for (const { entry, row } of this.#drawn.values()) renameIn(entry, row, this);
  }

  #drawAll() {
    const entries = this.outbox.entries;
    const ids = new Set(entries.map(({ client_id: id }) => id));
    for (const [id, { entry }] of this.#drawn) {
      if (ids.has(id)) continue;
      const hadFocus = entry.contains(document.activeElement);
      entry.remove();
      this.#drawn.delete(id);
      if (hadFocus) this.composer.focus();
    }
    let previous = this.transcript.newest;
    for (const entry of entries) {
      const pending = this.#drawn.get(entry.client_id) ?? this.#make(entry);
      this.#update(pending, entry);
      dress(pending.entry, pending.row, previous, this.times);
      previous = pending.row;
    }
    this.scroller.settle();
    // The seconds that are left go down.
    if (entries.some(isHeld)) setTimeout(() => onNextFrame(this.#draw), SECOND_MS / 2);
  }

  #make({ client_id: id, body, to, at, attachment }) {
    const file = attachment && withoutAddresses(attachment);
    const row = ownRow({ author: this.user, body, to, at, attachment: file });
    const message = drawMessage(row, this);
    const pending = {
      row,
      entry: element("div", "entry is-unsent", message),
      status: element("span"),
      undo: button("btn btn-sm btn-link", say("undo"), () => this.takeBack(id)),
      failure: this.#makeFailure(id, attachment),
    };
    pending.undo.hidden = true;
    message.append(element("div", "message-status", pending.status, pending.undo), pending.failure);
    this.#drawn.set(id, pending);
    this.pendingMessagesTarget.append(pending.entry);
    return pending;
  }

  #makeFailure(id, attachment) {
    const failure = element("div", "message-failure");
    failure.append(
      element("span", "message-failure-reason"),
      button("btn btn-sm btn-outline-primary", say("try_again"), () => this.outbox.retry(id)),
      attachment
        ? button("btn btn-sm btn-link", say("discard"), () => this.outbox.discard(id))
        : button("btn btn-sm btn-link", say("edit"), () => this.#edit(id)),
    );
    return failure;
  }

  /** Put the message back into the composer, with its recipient. */
  #edit(id) {
    const { row } = this.#drawn.get(id);
    this.outbox.discard(id);
    this.#restore(row);
  }

  #restore({ to, body }) {
    this.recipient?.choose(to);
    this.composer.restore(body);
  }

  #update({ entry, status, undo, failure }, outboxEntry) {
    const { state, detail, code } = outboxEntry;
    const hold = isHeld(outboxEntry) ? heldFor(outboxEntry) : "";
    if (hold && undo.hidden) this.announcer.say(hold);
    if (!hold && undo === document.activeElement) this.composer.focus();
    undo.hidden = !hold;
    const isFailed = state === "failed";
    const isNews = isFailed && entry.dataset.state !== state;
    entry.dataset.state = state;
    if (!isFailed && failure.contains(document.activeElement)) this.composer.focus();
    failure.hidden = !isFailed;
    status.textContent = isFailed ? "" : hold || this.#statusOf(state, code);
    // What the server said when it did not take the message. It is tried again by itself.
    status.title = detail;
    if (isFailed) failure.firstChild.textContent = detail || say("not_sent");
    if (isNews) this.announcer.say(failure.firstChild.textContent);
  }

  #statusOf(state, code) {
    if (state === "waiting" && !this.outbox.isConnected) return say("waiting");
    if (state !== "sent" && code === "read_only") return say("kept");
    return say(state === "sent" ? "sent" : "sending");
  }
}

function heldFor({ heldUntil }) {
  const seconds = Math.ceil((heldUntil - Date.now()) / SECOND_MS);
  return say("held", { time: number(seconds, { style: "unit", unit: "second", unitDisplay: "long" }) });
}
