// Times in the user's time zone and the page's language.

import { element } from "./dom.js";
import { whenIdle } from "./frame.js";

const LOOK_MS = 60_000;
const CLOCK = { hour: "numeric", minute: "2-digit" };
const DAY = { weekday: "long", day: "numeric", month: "long" };

export class Times {
  #language;
  // A browser takes longer to make one of these than to draw all rows. So they are made when they are first needed, and
  // the times of the first screen are written after its text can be read.
  #forms = new Map();
  // Node → what writes its text, until then
  #waiting = new Map();

  constructor(language) {
    this.#language = language;
    whenIdle(() => this.#begin());
  }

  /** Put "9:04 PM" into `node`. */
  writeClock(node, date) {
    this.#write(node, () => this.#clock(date));
  }

  /** Call `write("9:04 PM")` when there are times; of several calls for one `node` before that, the last one counts. */
  withClock(node, date, write) {
    this.#later(node, () => write(this.#clock(date)));
  }

  /** Put "Today", "Yesterday" or "Friday, November 20" into `node`, with the year when it is not this one. */
  writeDay(node, date, now = new Date()) {
    this.#write(node, () => this.#day(date, now));
  }

  /** Call `act` when another day has begun. */
  onNewDay(act, signal) {
    let day = dayNumber(new Date());
    // A computer that was asleep at midnight learns it now.
    const timer = setInterval(() => day !== (day = dayNumber(new Date())) && act(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** "Friday, November 20, 2026 at 9:04:07 PM" */
  full(date) {
    return this.#form("full", { dateStyle: "full", timeStyle: "medium" }).format(date);
  }

  #day(date, now) {
    const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    const ago = [now, before].findIndex((day) => dayNumber(day) === dayNumber(date));
    if (ago >= 0) return capitalized(new Intl.RelativeTimeFormat(this.#language, { numeric: "auto" }).format(-ago, "day"), this.#language);
    const isThisYear = date.getFullYear() === now.getFullYear();
    return (isThisYear ? this.#form("day", DAY) : this.#form("year", { ...DAY, year: "numeric" })).format(date);
  }

  #clock(date) {
    return this.#form("clock", CLOCK).format(date);
  }

  #write(node, words) {
    this.#later(node, () => (node.textContent = words()));
  }

  #later(node, act) {
    if (this.#waiting) this.#waiting.set(node, act);
    else act();
  }

  #begin() {
    for (const act of this.#waiting.values()) act();
    this.#waiting = null;
  }

  #form(name, options) {
    if (!this.#forms.has(name)) this.#forms.set(name, new Intl.DateTimeFormat(this.#language, options));
    return this.#forms.get(name);
  }
}

/** A <time> with the time of day. */
export function clockElement(date, times) {
  const time = timeElement(date);
  times.writeClock(time, date);
  return time;
}

/** A <time> with the day. */
export function dayElement(date, times) {
  const time = timeElement(date);
  times.writeDay(time, date);
  return time;
}

function timeElement(date) {
  const time = element("time");
  time.dateTime = date.toISOString();
  return time;
}

/** Write the whole date of the <time> under the pointer into its title: too much to write into every row at once. */
export function explainTime({ target }, times) {
  const time = target.closest?.("time");
  if (time) time.title = times.full(new Date(time.dateTime));
}

function capitalized([first, ...rest], language) {
  return first.toLocaleUpperCase(language) + rest.join("");
}

/** A local calendar day as one number, to compare. */
export function dayNumber(date) {
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}
