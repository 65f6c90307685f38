// When something was said in a room: today the time of day, before that the day.

import { pageLanguage } from "../lib/dom.js";

const CLOCK = new Intl.DateTimeFormat(pageLanguage(), { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(pageLanguage(), { day: "numeric", month: "short" });

export function shortTime(date) {
  return (date.toDateString() === new Date().toDateString() ? CLOCK : DAY).format(date);
}
