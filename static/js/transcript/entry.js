// An entry of the transcript: a row as an element, with what surrounds it.

import { button, element } from "../lib/dom.js";
import { say } from "../lib/strings.js";
import { dayElement, dayNumber } from "../lib/time.js";
import { drawMessage, isMessage, nameMessage, renameAuthorIn } from "./message.js";
import { drawSystemMessage, nameSystemMessage } from "./system_message.js";

// Messages of one author within this time stand under one name.
const GROUP_MS = 5 * 60 * 1000;

/** `context` is {user, times}; `dress` adds what depends on the row before. */
export function drawEntry(row, context) {
  const entry = element("div", "entry", isMessage(row) ? drawMessage(row, context) : drawSystemMessage(row, context));
  entry.id = `m${row.seq}`;
  entry.dataset.seq = row.seq;
  return entry;
}

/** Set the day line, the name and the time, which depend on the row before. Called again when that one changes. */
export function dress(entry, row, previous, times) {
  const date = new Date(row.at);
  const isNewDay = !previous || dayNumber(date) !== dayNumber(new Date(previous.at));
  const isContinued = !isNewDay && !entry.querySelector(":scope > .new-line") && continues(row, previous);
  entry.classList.toggle("is-continued", isContinued);
  entry.querySelector(":scope > .day")?.remove();
  if (isNewDay) entry.prepend(heading("day", dayElement(date, times)));
}

/** Write all day lines in `log` anew: what was today is yesterday now. */
export function writeDays(log, times) {
  for (const time of log.querySelectorAll(".day time")) times.writeDay(time, new Date(time.dateTime));
}

/** Names what follows it for who goes from heading to heading. */
function heading(className, content) {
  const node = element("div", className, content);
  node.setAttribute("role", "heading");
  node.setAttribute("aria-level", "2");
  return node;
}

function continues(row, previous) {
  const isSameAuthor = isMessage(row) && isMessage(previous) && row.author?.id === previous.author?.id;
  return isSameAuthor && !row.to && !previous.to && new Date(row.at) - new Date(previous.at) < GROUP_MS;
}

/** A link led to this entry. */
export function markLinked(entry) {
  entry.setAttribute("aria-current", "location");
}

/** Name the entry anew, as its words are shown otherwise now; with `isWhole` by all of them. */
export function nameEntry(entry, row, times, { isWhole = false } = {}) {
  const part = entry.querySelector(":scope > .message, :scope > .system-message");
  if (isMessage(row)) nameMessage(part, row, times, { isWhole });
  else nameSystemMessage(part, row, times);
}

/** With this entry begins what was unread. */
export function markUnread(entry) {
  entry.prepend(heading("new-line", say("new_line")));
  // Below it the name is said again.
  entry.classList.remove("is-continued");
}

/** Say below a message that it is pinned, or no more. */
export function markPinned(entry, isPinned) {
  const mark = entry.querySelector(":scope > .pin-mark");
  if (isPinned && !mark) entry.append(element("p", "pin-mark", say("pinned")));
  else if (!isPinned) mark?.remove();
}

/** Fold the message of a blocked user away, or take the fold off again. A button in the fold shows this one message. */
export function fold(entry, isFolded) {
  if (isFolded === entry.classList.contains("is-blocked")) return;
  const hadFocus = entry.contains(document.activeElement);
  entry.classList.toggle("is-blocked", isFolded);
  entry.classList.toggle("is-folded", isFolded);
  entry.querySelector(":scope > .fold")?.remove();
  const focusMessage = () => entry.querySelector(".message-more")?.focus();
  const show = button("btn btn-sm btn-link", say("show"), () => {
    entry.classList.remove("is-folded");
    focusMessage();
  });
  if (isFolded) entry.append(element("p", "fold", say("folded"), " ", show));
  // What had the focus is not shown any more.
  if (!hadFocus) return;
  if (isFolded) show.focus();
  else focusMessage();
}

/** The row's author or subject has another name now. */
export function renameIn(entry, row, context) {
  if (isMessage(row)) renameAuthorIn(entry.querySelector(".message"), row, context);
  else entry.querySelector(":scope > .system-message").replaceWith(drawSystemMessage(row, context));
}
