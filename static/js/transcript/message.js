// One row of the transcript as an element.

import { element } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { nameOf } from "../lib/users.js";
import { knows, say, sayNodes } from "../lib/strings.js";
import { dayNumber, minuteNumber } from "../lib/time.js";
import { write } from "./formatter.js";
import { drawAttachment } from "../files/attachment.js";

// Talk of one person within so many milliseconds stands under one name.
const GROUP_MS = 5 * 60 * 1000;
const TALK = new Set(["text", "file"]);

export function isTalk(row) {
  return TALK.has(row.kind);
}

/** What this page draws of its own as talk: a row that is not in the log, or not yet. */
export function talkRow({ author, body, to, at, attachment = null }) {
  return { kind: attachment ? "file" : "text", author, body, to, at: new Date(at).toISOString(), attachment };
}

/** An entry of the transcript: the row, and what `dress` puts around it. */
export function drawRow(row, { you, times }) {
  const entry = element("div", "entry", isTalk(row) ? drawTalk(row, { you, times }) : drawDeed(row, { you, times }));
  entry.id = `m${row.seq}`;
  entry.dataset.seq = row.seq;
  if (isTalk(row) && row.author?.id !== you.id) entry.querySelector(".talk").append(moreButton(row));
  return entry;
}

/** The words of who is blocked are folded away, and come out again one by one. */
export function fold(entry, isFolded) {
  if (isFolded === entry.classList.contains("is-blocked")) return;
  entry.classList.toggle("is-blocked", isFolded);
  entry.classList.toggle("is-folded", isFolded);
  entry.querySelector(":scope > .fold")?.remove();
  if (!isFolded) return;
  const show = element("button", "btn btn-sm btn-link", say("show"));
  show.type = "button";
  show.addEventListener("click", () => {
    entry.classList.remove("is-folded");
    entry.querySelector(".talk-more")?.focus();
  });
  entry.append(element("p", "fold", say("folded"), " ", show));
}

/** Day line, name and time as they follow from the row before; called again when another row gets before it. */
export function dress(entry, row, previous, times) {
  const date = new Date(row.at);
  const isNewDay = !previous || dayNumber(date) !== dayNumber(new Date(previous.at));
  const continues = !isNewDay && isTalk(row) && isTalk(previous) && row.author?.id === previous.author?.id &&
    !row.to && !previous.to &&
    date - new Date(previous.at) < GROUP_MS;
  entry.classList.toggle("is-continued", continues);
  entry.classList.toggle("is-same-minute", continues && minuteNumber(date) === minuteNumber(new Date(previous.at)));
  entry.querySelector(":scope > .day")?.remove();
  if (isNewDay) entry.prepend(element("div", "day", dayElement(date, times)));
}

export function drawTalk(row, { you, times }) {
  const { author } = row;
  const isYours = author?.id === you.id;
  const head = element("div", "talk-head", ...drawName(author, { isYours }));
  const date = new Date(row.at);
  const talk = element("article", "talk", drawFace(author), head, clockElement(date, times), drawBody(row));
  talk.classList.toggle("is-yours", isYours);
  talk.classList.toggle("is-redacted", Boolean(row.redacted));
  if (row.to) {
    talk.classList.add("is-private");
    head.append(" ", element("span", "talk-private", ...sayNodes("privately_to", { name: nameOf(row.to) })));
  }
  return talk;
}

function drawBody(row) {
  if (row.redacted) return element("div", "talk-body", say("redacted"));
  const words = element("div", "talk-body");
  write(words, row.body);
  words.dir = "auto";
  if (row.kind !== "file") return words;
  // A caption may be missing, and its direction is not the file's.
  words.className = "talk-caption";
  const attachment = row.attachment ? [drawAttachment(row.attachment)] : [];
  return element("div", "talk-body", ...(row.body ? [words] : []), ...attachment);
}

function moreButton({ author }) {
  const more = element("button", "talk-more", element("span", "visually-hidden", say("message_menu", nameIn(author))));
  more.type = "button";
  // Deeds makes one of all these a stop of the Tab key.
  more.tabIndex = -1;
  more.setAttribute("aria-haspopup", "menu");
  return more;
}

function nameIn(author) {
  return { name: author ? nameOf(author) : say("somebody") };
}

/** Somebody else's name opens a menu; the keyboard finds the same one at the message's own button. */
function drawName(author, { isYours }) {
  const shown = element("bdi", "", author?.display_name || author?.username || say("somebody"));
  const name = element(author && !isYours ? "button" : "span", "talk-name", shown);
  if (name.tagName === "BUTTON") {
    name.type = "button";
    name.tabIndex = -1;
    name.setAttribute("aria-haspopup", "menu");
  }
  if (!author?.display_name || author.display_name === author.username) return [name];
  return [name, " ", element("bdi", "talk-username", `@${author.username}`)];
}

/** The row's author or subject has another name now. What was written is left alone: somebody may be reading it. */
export function renameIn(entry, row, { you, times }) {
  if (!isTalk(row)) {
    entry.querySelector(":scope > .deed").replaceWith(drawDeed(row, { you, times }));
    return;
  }
  const isYours = entry.querySelector(".talk").matches(".is-yours");
  const note = entry.querySelector(".talk-private");
  entry.querySelector(".talk-head").replaceChildren(...drawName(row.author, { isYours }), ...(note ? [" ", note] : []));
  entry.querySelector(".face").replaceWith(drawFace(row.author));
}

// Deeds that are said differently for what the row says besides.
const KEYS_BY_BODY = {
  opened: ({ subject }) => (subject ? "deed_talk_opened" : null),
  topic_changed: ({ body }) => (body ? null : "deed_topic_removed"),
  kind_changed: ({ body }) => `deed_kind_${body}`,
};

/** What somebody did, in one quiet line. */
function drawDeed(row, { you, times }) {
  const date = new Date(row.at);
  const { author, subject } = row;
  const values = {
    author: nameInDeed(author, you),
    subject: nameInDeed(subject, you),
    body: row.body,
  };
  let key = KEYS_BY_BODY[row.kind]?.(row) ?? `deed_${row.kind}`;
  // A kind that came into the world after this page.
  if (!knows(key)) key = "deed_unknown";
  const time = clockElement(date, times);
  return element("p", "deed", ...sayNodes(key, values), " ", time);
}

/** Somebody else's name opens a menu here too; the arrow keys come by it. */
function nameInDeed(person, you) {
  if (!person) return say("somebody");
  if (person.id === you.id) return nameOf(person);
  const name = element("button", "deed-name", element("bdi", "", nameOf(person)));
  name.type = "button";
  name.tabIndex = -1;
  name.dataset.person = person.id;
  name.setAttribute("aria-haspopup", "menu");
  return name;
}

function clockElement(date, times) {
  const time = timeElement(date);
  times.writeClock(time, date);
  return time;
}

function dayElement(date, times) {
  const time = timeElement(date);
  times.writeDay(time, date);
  return time;
}

function timeElement(date) {
  const time = element("time");
  time.dateTime = date.toISOString();
  return time;
}

/** The whole date of the time that one points at: too much to have been written to every row before. */
export function explainTime({ target }, times) {
  const time = target.closest?.("time");
  if (time) time.title = times.full(new Date(time.dateTime));
}
