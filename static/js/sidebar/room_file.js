// Draws a file in the panel: what it is, from whom and when. It leads to its message.

import { drawCard } from "../files/file_card.js";
import { element } from "../lib/dom.js";
import { clockElement, dayElement } from "../lib/time.js";
import { nameOf } from "../lib/users.js";

export function drawFile({ seq, author, at, attachment }, { urls, times }) {
  const date = new Date(at);
  const when = element("span", "", dayElement(date, times), " ", clockElement(date, times));
  const from = author ? [element("bdi", "", nameOf(author)), " · "] : [];
  const link = element("a", "panel-file", drawCard(attachment), element("p", "pin-note", ...from, when));
  link.href = `${urls.room}at/${seq}/`;
  return element("li", "", link);
}
