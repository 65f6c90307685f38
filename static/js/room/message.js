// One row of the transcript as an element.

import { element } from "../lib/dom.js";
import { toNodes } from "../lib/markdown.js";
import { hueOf, initialOf, nameOf } from "../lib/people.js";
import { knows, say, sayNodes } from "../lib/strings.js";
import { dayNumber } from "../lib/time.js";

// Talk of one person within so many milliseconds stands under one name.
const GROUP_MS = 5 * 60 * 1000;
const TALK = new Set(["text", "file"]);

export function isTalk(row) {
  return TALK.has(row.kind);
}

/** An entry of the transcript: the row, and what `dress` puts around it. */
export function drawRow(row, { you, times }) {
  const entry = element("div", "entry", isTalk(row) ? drawTalk(row, { you, times }) : drawDeed(row, times));
  entry.id = `m${row.seq}`;
  entry.dataset.seq = row.seq;
  return entry;
}

/** Day line, name and time as they follow from the row before; called again when another row gets before it. */
export function dress(entry, row, previous, times) {
  const date = new Date(row.at);
  const isNewDay = !previous || dayNumber(date) !== dayNumber(new Date(previous.at));
  const continues = !isNewDay && isTalk(row) && isTalk(previous) && row.author?.id === previous.author?.id &&
    date - new Date(previous.at) < GROUP_MS;
  entry.classList.toggle("is-continued", continues);
  entry.classList.toggle("is-same-minute", continues && times.clock(date) === times.clock(new Date(previous.at)));
  entry.querySelector(":scope > .day")?.remove();
  if (isNewDay) entry.prepend(element("div", "day", timeElement(date, times.day(date), times)));
}

export function drawTalk(row, { you, times }) {
  const { author } = row;
  const head = element("div", "talk-head", ...drawName(author));
  const face = element("span", `face hue-${author ? hueOf(author) : 0}`, author ? initialOf(author) : "?");
  face.setAttribute("aria-hidden", "true");
  const date = new Date(row.at);
  const body = element("div", "talk-body", toNodes(row.body));
  body.dir = "auto";
  const talk = element("article", "talk", face, head, timeElement(date, times.clock(date), times), body);
  talk.classList.toggle("is-yours", author?.id === you.id);
  return talk;
}

function drawName(author) {
  const name = element("bdi", "talk-name", author?.display_name || author?.username || say("somebody"));
  if (!author?.display_name || author.display_name === author.username) return [name];
  return [name, " ", element("bdi", "talk-username", `@${author.username}`)];
}

/** The row's author or subject has another name now. What was written is left alone: somebody may be reading it. */
export function renameIn(entry, row, times) {
  if (!isTalk(row)) {
    entry.querySelector(":scope > .deed").replaceWith(drawDeed(row, times));
    return;
  }
  entry.querySelector(".talk-head").replaceChildren(...drawName(row.author));
  entry.querySelector(".face").textContent = initialOf(row.author);
}

/** What somebody did, in one quiet line. */
function drawDeed(row, times) {
  const date = new Date(row.at);
  const { author, subject } = row;
  const values = {
    author: author ? nameOf(author) : say("somebody"),
    subject: subject ? nameOf(subject) : say("somebody"),
    body: row.body,
  };
  let key = row.kind === "topic_changed" && !row.body ? "deed_topic_removed" : `deed_${row.kind}`;
  // A kind that came into the world after this page.
  if (!knows(key)) key = "deed_unknown";
  const time = timeElement(date, times.clock(date), times);
  return element("p", "deed", ...sayNodes(key, values), " ", time);
}

function timeElement(date, text, times) {
  const time = element("time", "", text);
  time.dateTime = date.toISOString();
  time.title = times.full(date);
  return time;
}
