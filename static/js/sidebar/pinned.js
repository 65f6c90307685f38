// The messages that are pinned in this room: a list in the panel, a mark in the transcript, and the way to change them.

import { deleteAt, getJson, putAt } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { onNextFrame, whenIdle } from "../lib/frame.js";
import { say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { targetOf } from "../transcript/message.js";

const UNPINNING = new Set(["unpinned", "redacted"]);

export class Pinned extends Component {
  static targets = ["pinnedTitle", "pinnedList"];
  static needs = ["pins", "transcript", "roomHeader", "blockedUsers", "times", "urls", "toast", "peoplePanel", "signal"];

  // seq → {by, at}
  #pins = new Map(this.pins.map((pin) => [pin.seq, pin]));
  // The messages themselves, which come when somebody opens the list: seq → row
  #rows = new Map();
  // What draws the list, once it has come.
  #drawPins = null;
  #isFetching = false;
  // Counts changes: messages that were asked for before one may not be all.
  #age = 0;
  #draw = () => this.#drawAll();

  constructor(page) {
    super(page);
    this.peoplePanel.addEventListener("change", this.#draw, { signal: this.signal });
    this.blockedUsers.addEventListener("change", this.#draw, { signal: this.signal });
    // The transcript is drawn first.
    whenIdle(this.#draw);
  }

  has(seq) {
    return this.#pins.has(seq);
  }

  /** Whether this user may pin messages here. */
  get canChange() {
    const { kind, role } = this.roomHeader.current;
    return role === "admin" && kind !== "direct";
  }

  /** What a message's menu offers. */
  itemFor(seq) {
    if (this.has(seq)) return { label: say("unpin"), act: () => this.#change(deleteAt, seq) };
    return { label: say("pin"), act: () => this.#change(putAt, seq) };
  }

  /** These are pinned, and no others. */
  replace(pins) {
    const before = [...this.#pins.keys()];
    this.#pins = new Map(pins.map((pin) => [pin.seq, pin]));
    this.#show([...before, ...this.#pins.keys()]);
  }

  /** Apply rows of the log, which may be about pins. */
  apply(rows) {
    const changed = rows.filter((row) => this.#applied(row));
    if (!changed.length) return;
    this.#show(changed.map(targetOf));
    const { kind, author } = changed.at(-1);
    const name = author ? nameOf(author) : say("somebody");
    if (kind !== "redacted") this.toast.show(say(kind === "pinned" ? "pinned_by" : "unpinned_by", { name }));
  }

  #applied(row) {
    const seq = targetOf(row);
    if (row.kind === "redacted") this.#rows.delete(seq);
    if (row.kind === "pinned") this.#pins.set(seq, { seq, by: row.author, at: row.at });
    else if (!UNPINNING.has(row.kind) || !this.#pins.delete(seq)) return false;
    return true;
  }

  rename(user) {
    for (const pin of this.#pins.values()) {
      if (pin.by?.id === user.id) Object.assign(pin.by, user);
    }
    for (const { author } of this.#rows.values()) {
      if (author?.id === user.id) Object.assign(author, user);
    }
    onNextFrame(this.#draw);
  }

  #show(seqs) {
    this.#age += 1;
    this.transcript.showPins(seqs);
    onNextFrame(this.#draw);
  }

  async #change(act, seq) {
    try {
      await act(`${this.urls.pins}/${seq}`);
    } catch (error) {
      this.toast.show(error.message || say("try_later"));
    }
  }

  #drawAll() {
    const count = this.#pins.size;
    this.pinnedTitleTarget.textContent = count ? say("pins", { count }) : say("no_pins");
    // What is not shown is not kept in the document: it may be erased meanwhile.
    if (!count || !this.peoplePanel.shows("pinned")) return this.pinnedListTarget.replaceChildren();
    if ([...this.#pins.keys()].some((seq) => !this.#rows.has(seq))) this.#fetch();
    this.#drawList();
  }

  #drawList() {
    this.#drawPins?.([...this.#pins.values()], this.#rows, this);
  }

  /** Fetch the messages that are pinned and, the first time, the script that draws them. */
  async #fetch() {
    if (this.#isFetching) return;
    this.#isFetching = true;
    const age = this.#age;
    try {
      const [{ pins }, { drawPins }] = await Promise.all([getJson(this.urls.pins), import("./pinned_list.js")]);
      this.#drawPins = drawPins;
      for (const { seq, message } of pins) this.#rows.set(seq, message);
      // What is not among them is about to be told as unpinned: it is not asked for again.
      if (age === this.#age) this.#drawList();
      else onNextFrame(this.#draw);
    } catch (error) {
      this.toast.show(error.message || say("try_later"));
    } finally {
      this.#isFetching = false;
    }
  }

  unpin(seq) {
    this.#change(deleteAt, seq);
  }

  /** Go to a message that is in the document without loading the page anew. */
  follow(event, seq) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!document.getElementById(`m${seq}`)) return;
    event.preventDefault();
    this.peoplePanel.close();
    this.transcript.goTo(seq);
  }
}
