// Times as this person's clock and the page's language have them.

import { whenIdle } from "./frame.js";

const MINUTE_MS = 60_000;
const CLOCK = { hour: "numeric", minute: "2-digit" };
const DAY = { weekday: "long", day: "numeric", month: "long" };

export class Times {
  #language;
  // A browser takes longer to learn a language's ways with dates than to draw all rows: they are made when they are asked
  // for, and what is on the first screen gets its times when it can be read.
  #forms = new Map();
  // Node → its words, until then
  #waiting = new Map();

  constructor(language) {
    this.#language = language;
    whenIdle(() => this.#begin());
  }

  /** Put "9:04 PM" into `node`. */
  writeClock(node, date) {
    this.#write(node, () => this.#form("clock", CLOCK).format(date));
  }

  /** Put "Friday, November 20" into `node`, with the year when it is not this one. */
  writeDay(node, date, now = new Date()) {
    const isThisYear = date.getFullYear() === now.getFullYear();
    this.#write(node, () =>
      (isThisYear ? this.#form("day", DAY) : this.#form("year", { ...DAY, year: "numeric" })).format(date),
    );
  }

  /** "Friday, November 20, 2026 at 9:04:07 PM" */
  full(date) {
    return this.#form("full", { dateStyle: "full", timeStyle: "medium" }).format(date);
  }

  #write(node, words) {
    if (this.#waiting) this.#waiting.set(node, words);
    else node.textContent = words();
  }

  #begin() {
    for (const [node, words] of this.#waiting) node.textContent = words();
    this.#waiting = null;
  }

  #form(name, options) {
    if (!this.#forms.has(name)) this.#forms.set(name, new Intl.DateTimeFormat(this.#language, options));
    return this.#forms.get(name);
  }
}

/** A local calendar day as one number, to compare. */
export function dayNumber(date) {
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}

/** The same of a minute. */
export function minuteNumber(date) {
  return Math.floor(date.getTime() / MINUTE_MS);
}
