// Times as this person's clock and the page's language have them.

export class Times {
  #clock;
  #full;
  #day;
  #dayOfAnotherYear;

  constructor(language) {
    const day = { weekday: "long", day: "numeric", month: "long" };
    this.#clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
    this.#full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
    this.#day = new Intl.DateTimeFormat(language, day);
    this.#dayOfAnotherYear = new Intl.DateTimeFormat(language, { ...day, year: "numeric" });
  }

  /** "9:04 PM" */
  clock(date) {
    return this.#clock.format(date);
  }

  /** "Friday, November 20, 2026 at 9:04:07 PM" */
  full(date) {
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
