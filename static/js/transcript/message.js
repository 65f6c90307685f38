// One message of the transcript as an element. (system_message.js draws the other rows.)

import { drawAttachment } from "../files/attachment.js";
import { element, menuButton } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { say, sayNodes } from "../lib/strings.js";
import { clockElement } from "../lib/time.js";
import { nameOf } from "../lib/users.js";
import { write } from "./formatter.js";
import { beginning, wordsOf } from "./spoken.js";

const MESSAGES = new Set(["text", "file"]);
// A few emoji and nothing else, each with its skin, its parts and its flag.
const EMOJI = /^(?:(?:\p{RI}{2}|\p{Emoji}(?:\p{EMod}|\uFE0F\u20E3?)|\p{Emoji_Presentation})(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?|[\u{E0020}-\u{E007F}])*\s*){1,3}$/u;
const MOST_OF_EMOJI = 60;
// As much of a message tells which one it is.
const MOST_LETTERS = 100;
// Rows that only change how another one looks.
const UNDRAWN = new Set(["pinned", "unpinned"]);

/** Whether somebody said this. The other rows tell what somebody did. */
export function isMessage(row) {
  return MESSAGES.has(row.kind);
}

/** Whether the row has a place of its own in the transcript. */
export function isDrawn(row) {
  return !UNDRAWN.has(row.kind);
}

/** The seq of the row that this one is about. Rows that were written before there were targets have it as their text. */
export function targetOf({ target_seq: target, body }) {
  return target ?? Number(body);
}

/** A row for a message of the user's that is not in the log of this room, or not yet; `at` is in milliseconds. */
export function ownRow({ author, body, to, at, attachment = null, kind = attachment ? "file" : "text" }) {
  return { kind, author, body, to, at: new Date(at).toISOString(), attachment };
}

export function drawMessage(row, { user, times }) {
  const { author } = row;
  const isYours = author?.id === user.id;
  const head = element("div", "message-head", ...drawName(author, { isYours }));
  const message = element("article", "message", drawFace(author), head, drawBody(row));
  message.classList.toggle("is-yours", isYours);
  message.classList.toggle("is-redacted", Boolean(row.redacted));
  if (row.to) {
    message.classList.add("is-private");
    head.append(" ", element("span", "message-private", ...sayNodes("privately_to", { name: nameOf(row.to) })));
  }
  head.append(" ", clockElement(new Date(row.at), times));
  if (row.seq) message.append(moreButton());
  nameMessage(message, row, times);
  return message;
}

/** The button for the menu of a message. MessageWalk makes one of all these a stop of the Tab key. */
function moreButton() {
  const more = menuButton("message-more");
  more.tabIndex = -1;
  return more;
}

/** Say who wrote the message, when, and its first words, or with `isWhole` all: of it, and of the button of its menu. */
export function nameMessage(message, row, times, { isWhole = false } = {}) {
  const name = row.author ? nameOf(row.author) : say("somebody");
  times.withClock(message, new Date(row.at), (time) => {
    const shown = wordsOf(row, message.querySelector("[data-words]")?.textContent.trim());
    const words = beginning(shown, MOST_LETTERS);
    message.setAttribute("aria-label", say("message_name", { name, time, words: isWhole ? shown : words }));
    message.querySelector(".message-more")?.setAttribute("aria-label", say("message_menu", { name, words }));
  });
}

/** The author has another name now. The text is left alone: somebody may be reading it. */
export function renameAuthorIn(message, row, { times }) {
  const { author } = row;
  const head = message.querySelector(".message-head");
  const rest = [".message-private", "time"].map((part) => head.querySelector(part)).filter(Boolean);
  const isYours = message.matches(".is-yours");
  head.replaceChildren(...drawName(author, { isYours }), ...rest.flatMap((part) => [" ", part]));
  message.querySelector(".face").replaceWith(drawFace(author));
  nameMessage(message, row, times);
}

function drawBody(row) {
  if (row.redacted) return element("div", "message-body", say("redacted"));
  const text = element("div", "message-body");
  text.dataset.words = "";
  write(text, row.body);
  text.dir = "auto";
  text.classList.toggle("is-emoji", row.body.length <= MOST_OF_EMOJI && EMOJI.test(row.body));
  if (row.kind !== "file") return text;
  // A caption may be missing, and its direction is not the file's.
  text.classList.replace("message-body", "message-caption");
  const attachment = row.attachment ? [drawAttachment(row.attachment)] : [];
  return element("div", "message-body", ...(row.body ? [text] : []), ...attachment);
}

/** Another user's name opens a menu. For the keyboard the message's own button opens the same one. */
function drawName(author, { isYours }) {
  const shown = element("bdi", "", author?.display_name || author?.username || say("somebody"));
  const name = author && !isYours ? menuButton("message-name", shown) : element("span", "message-name", shown);
  if (name.tagName === "BUTTON") name.tabIndex = -1;
  if (!author?.display_name || author.display_name === author.username) return [name];
  return [name, " ", element("bdi", "message-username", `@${author.username}`)];
}
