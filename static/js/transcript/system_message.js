// A row that tells what somebody did, in one quiet line: joined, renamed the room, and so on.

import { element, menuButton } from "../lib/dom.js";
import { knows, say, sayNodes } from "../lib/strings.js";
import { clockElement } from "../lib/time.js";
import { nameOf } from "../lib/users.js";

// Kinds whose sentence depends on the rest of the row.
const KEYS = {
  opened: ({ subject }) => (subject ? "system_direct_opened" : "system_opened"),
  topic_changed: ({ body }) => (body ? "system_topic_changed" : "system_topic_removed"),
  kind_changed: ({ body }) => `system_kind_${body}`,
  admin_revoked: ({ author, subject }) => `system_admin_${author && author.id === subject?.id ? "given_up" : "revoked"}`,
};

/** Which of the page's sentences tells this row. */
export function sentenceKeyOf(row) {
  const key = KEYS[row.kind]?.(row) ?? `system_${row.kind}`;
  // The server may have kinds that are newer than this page.
  return knows(key) ? key : "system_unknown";
}

export function drawSystemMessage(row, { user, times }) {
  const { author, subject, body, at } = row;
  const values = { author: drawName(author, user), subject: drawName(subject, user), body };
  const sentence = sayNodes(sentenceKeyOf(row), values);
  const message = element("article", "system-message", ...sentence, " ", clockElement(new Date(at), times));
  nameSystemMessage(message, row, times);
  return message;
}

export function nameSystemMessage(message, { at }, times) {
  times.withClock(message, new Date(at), () => message.setAttribute("aria-label", message.textContent));
}

/** Another user's name opens a menu here too. The arrow keys lead to it. */
function drawName(named, user) {
  if (!named) return say("somebody");
  if (named.id === user.id) return nameOf(named);
  const name = menuButton("system-message-name", element("bdi", "", nameOf(named)));
  name.tabIndex = -1;
  name.dataset.user = named.id;
  return name;
}
