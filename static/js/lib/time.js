// Times as this person's clock and the page's language have them.

export class Times {
  #clock;
  #language;
  #full = null;
  #day;
  #dayOfAnotherYear;

  constructor(language) {
    const day = { weekday: "long", day: "numeric", month: "long" };
    this.#clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
    this.#day = new Intl.DateTimeFormat(language, day);
    this.#language = language;
    this.#dayOfAnotherYear = new Intl.DateTimeFormat(language, { ...day, year: "numeric" });
  }

  /** "9:04 PM" */
  clock(date) {
    return this.#clock.format(date);
  }

  /** "Friday, November 20, 2026 at 9:04:07 PM" */
  full(date) {
    // Made when it is first asked for: making it takes longer than drawing a page of rows.
    this.#full ??= new Intl.DateTimeFormat(this.#language, { dateStyle: "full", timeStyle: "medium" });
    return this.#full.format(date);
  }

  /** "Friday, November 20", with the year when it is not this one. */
  day(date, now = new Date()) {
    return (date.getFullYear() === now.getFullYear() ? this.#day : this.#dayOfAnotherYear).format(date);
  }
}

/** A local calendar day as one number, to compare. */
export function dayNumber(date) {
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}
