// The server writes times in UTC (rooms/templatetags/facts.py); here they become those of the reader's own zone.

import { pageLanguage } from "./dom.js";

export function showLocalTimes(root) {
  const form = new Intl.DateTimeFormat(pageLanguage(), { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-local]")) time.textContent = form.format(new Date(time.dateTime));
}
