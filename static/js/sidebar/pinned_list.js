// Draws the list of pinned messages. It comes when somebody opens the list.

import { shownName } from "../files/file_card.js";
import { button, element } from "../lib/dom.js";
import { say, sayNodes } from "../lib/strings.js";
import { clockElement, dayElement } from "../lib/time.js";
import { nameOf } from "../lib/users.js";

/** Draw `pins`, the newest first, into the list of `pinned`; `rows` has their messages by seq, as far as they have come. */
export function drawPins(pins, rows, pinned) {
  const list = pinned.pinnedListTarget;
  const newestFirst = pins.filter(({ seq }) => rows.has(seq)).sort((a, b) => b.at.localeCompare(a.at));
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const { seq, place } = focused?.dataset ?? {};
  list.replaceChildren(...newestFirst.map((pin) => drawPin(pin, rows.get(pin.seq), pinned)));
  if (!focused) return;
  const same = list.querySelector(`[data-seq="${seq}"][data-place="${place}"]`);
  (same ?? list.querySelector("a") ?? pinned.pinnedTitleTarget).focus();
}

function drawPin({ seq, by, at }, { author, body, attachment }, pinned) {
  const { blockedUsers, times, urls } = pinned;
  const isFolded = author && blockedUsers.has(author.id);
  const date = new Date(at);
  const link = element("a", "pin-link", isFolded ? say("folded") : words(author, body, attachment));
  link.href = `${urls.room}at/${seq}/`;
  link.addEventListener("click", (event) => pinned.follow(event, seq));
  Object.assign(link.dataset, { seq, place: "link" });
  const when = element("span", "", dayElement(date, times), " ", clockElement(date, times));
  const name = by ? nameOf(by) : say("somebody");
  const item = element("li", "pin", link, element("p", "pin-note", ...sayNodes("pinned_by_at", { name, when })));
  if (pinned.canChange) item.append(unpinButton(seq, author, pinned));
  return item;
}

function unpinButton(seq, author, pinned) {
  const unpin = button("btn btn-sm btn-link pin-remove", say("unpin"), () => pinned.unpin(seq));
  unpin.setAttribute("aria-label", say("unpin_of", { name: author ? nameOf(author) : say("somebody") }));
  Object.assign(unpin.dataset, { seq, place: "unpin" });
  return unpin;
}

/** Who said what, as plain text. */
function words(author, body, attachment) {
  const name = element("b", "", element("bdi", "", author ? nameOf(author) : say("somebody")));
  const file = attachment ? [element("span", "pin-file", shownName(attachment.name)), " "] : [];
  const text = element("span", "pin-words", ...file, body);
  text.dir = "auto";
  return element("span", "pin-message", name, " ", text);
}
