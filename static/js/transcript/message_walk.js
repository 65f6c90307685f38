// The way through the transcript by keys. The Tab key stops at one message, the newest at first, and at what can be done
// about it; the arrow keys lead from there to the one before and the one after, which a screen reader reads out.

import { Component } from "../lib/component.js";
import { nameEntry } from "./entry.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const BUTTONS = ".message-more, .message-bar button, .gathered, .system-message-name";
// In a line that tells of several of them.
const UNSEEN = ".is-gathered:not(:has(> .gathered))";

export class MessageWalk extends Component {
  static targets = ["log", "transcriptView"];
  static needs = ["transcript", "scroller", "times"];

  // The entry at which the Tab key stops.
  #entry = null;
  // Whether the last thing that the user did was to press a key, and whether the focus came to a message by one.
  #wasKey = false;
  #cameByKey = false;

  constructor(page) {
    super(page);
    this.listen(window, "pointerdown", () => (this.#wasKey = this.#cameByKey = false), { capture: true });
    this.listen(window, "keydown", () => (this.#wasKey = true), { capture: true });
    this.logTarget.addEventListener("focusin", ({ target }) => this.#came(target));
    this.transcriptViewTarget.addEventListener("keydown", (event) => this.#pressed(event));
    for (const name of ["drawn", "moved"]) this.transcript.addEventListener(name, () => this.#update());
    this.#update();
  }

  /** Whether a message has the focus, to which the user came by keys: a click into the talk chooses none. */
  get isAtMessage() {
    return this.#cameByKey && this.logTarget.contains(document.activeElement);
  }

  /** Give the focus to the message at which the Tab key would stop or, where that is out of view, to the last one in it. */
  focus() {
    const seen = firstSeen(document.getElementById(`m${this.scroller.lastSeenSeq}`), -1);
    const entry = this.#entry && isInView(this.#entry, this.transcriptViewTarget) ? this.#entry : seen;
    if (entry) this.focusOn(entry);
    else this.scroller.focus();
  }

  /** Give the focus to this entry, without scrolling. */
  focusOn(entry) {
    this.#stopAt(entry);
    this.#wasKey = true;
    stopOf(entry).focus({ preventScroll: true });
  }

  #came(target) {
    const entry = target.closest(".log > .entry");
    this.#cameByKey = this.#wasKey;
    if (!entry) return;
    this.#stopAt(entry);
    const row = this.transcript.rowAt(Number(entry.dataset.seq));
    // The whole of it now, which would be too much for each message.
    if (row) nameEntry(entry, row, this.times, { isWhole: true });
  }

  #pressed(event) {
    const { key, target, ctrlKey, altKey, metaKey, shiftKey } = event;
    if (ctrlKey || altKey || metaKey || shiftKey || event.defaultPrevented) return;
    const entry = target.closest(".log > .entry");
    if (key === "Enter" && entry && target === stopOf(entry)) return this.#open(event);
    // In a text or a player that has the focus they have another meaning.
    const isHere = target === this.transcriptViewTarget || (entry && target.matches(`article, ${BUTTONS}, .fold button`));
    if (!STEPS[key] || !isHere) return;
    event.preventDefault();
    if (!entry) return this.focus();
    const next = firstSeen(stepFrom(entry, STEPS[key]), STEPS[key]);
    if (!next) return;
    this.focusOn(next);
    next.scrollIntoView({ block: "nearest" });
  }

  /** A menu that opens at once has the focus before the key is done, which must not press what is in it. */
  #open(event) {
    const opener = event.target.querySelector(".message-more, .system-message-name");
    if (!opener) return;
    event.preventDefault();
    opener.click();
  }

  /** The Tab key stops at the newest message, unless the user is at another one. */
  #update() {
    if (!this.logTarget.contains(document.activeElement)) this.#stopAt(firstSeen(this.logTarget.lastElementChild, -1));
  }

  #stopAt(entry) {
    if (this.#entry) setTabIndex(this.#entry, -1);
    this.#entry = entry;
    if (entry) setTabIndex(entry, 0);
  }
}

/** What has the focus when an entry has it. */
function stopOf(entry) {
  if (entry.matches(".is-gathered")) return entry.querySelector(".gathered");
  return entry.querySelector(entry.matches(".is-folded") ? ".fold button" : ".message, .system-message");
}

/** The entry, or the next one in this direction that is seen. */
function firstSeen(entry, step) {
  return entry?.matches(UNSEEN) ? firstSeen(stepFrom(entry, step), step) : entry;
}

function stepFrom(entry, step) {
  return step > 0 ? entry.nextElementSibling : entry.previousElementSibling;
}

function setTabIndex(entry, index) {
  for (const node of [entry.querySelector(".message, .system-message"), ...entry.querySelectorAll(BUTTONS)]) {
    node.tabIndex = index;
  }
}

function isInView(entry, view) {
  const [{ top, bottom }, frame] = [entry.getBoundingClientRect(), view.getBoundingClientRect()];
  return bottom > frame.top && top < frame.bottom;
}
