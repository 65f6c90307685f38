// Puts the text of messages into the page. Most of it is plain. markdown.js weighs more than all other scripts together,
// so the page comes without it and fetches it when a text has Markdown in it.

import { element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";

// Everything that Markdown could read as a mark, and a little more. A text without any of these stays as it is.
const MARKS = /[\\\x60*_~<>@[\]]|\/\/|mailto:|^[ \t]*(?:[-+#=]|\d+[.)])|\n[^\S\n]*\n/im;
// Texts are formatted for at most this long before the page can draw and react again.
const SLICE_MS = 10;
// What `place` fires, and its parents hear, when its text has been formatted.
export const FORMATTED = "formatted";

let formatter = null;
let isComing = false;
let keepingPlace = (change) => change();
// Element → its text, which has marks and is not formatted yet
const waiting = new Map();

/** The lines of a text without marks, as markdown.js would show them; null for a text with marks. */
export function plainLines(text) {
  return MARKS.test(text) ? null : linesOf(text);
}

/** Texts that are formatted later are changed within `how(change)`, which keeps the page from jumping. */
export function formatUnder(how) {
  keepingPlace = how;
}

/** Promise that what is written from now on is formatted at once, where the server gives the formatter. */
export async function loadFormatter() {
  try {
    formatter ??= await import("./markdown.js");
  } catch {
    // Texts are shown as they were typed, and the next one with marks tries again.
  }
}

/** Promise the words of `text` without its marks; with them, where the server does not give the formatter. */
export async function withoutMarks(text) {
  if (plainLines(text)) return text;
  await loadFormatter();
  return formatter ? formatter.toNodes(text).textContent.trim() : text;
}

/** Show `text` in `place`. Until markdown.js is there a text with marks is shown as it was typed. */
export function write(place, text) {
  const plain = plainLines(text);
  if (!plain && formatter) return place.replaceChildren(formatter.toNodes(text));
  place.replaceChildren(paragraph(plain ?? linesOf(text)));
  if (plain) return;
  waiting.set(place, text);
  if (isComing) return;
  isComing = true;
  // Asking for it takes as long as drawing the rows.
  whenIdle(fetchFormatter);
}

async function fetchFormatter() {
  await loadFormatter();
  if (formatter) formatWaiting();
  else isComing = false;
}

function formatWaiting() {
  keepingPlace(formatSlice);
  if (waiting.size) setTimeout(formatWaiting);
}

/** The newest texts first: the user looks at those. */
function formatSlice() {
  const until = performance.now() + SLICE_MS;
  for (const [place, text] of [...waiting].reverse()) {
    waiting.delete(place);
    place.replaceChildren(formatter.toNodes(text));
    place.dispatchEvent(new Event(FORMATTED, { bubbles: true }));
    if (performance.now() > until) return;
  }
}

function linesOf(text) {
  return text.replace(/^[ \t\n]+|[ \t\n]+$/g, "").split("\n").map((line) => line.replace(/^[ \t]+| +$/g, ""));
}

function paragraph(lines) {
  return element("p", "", ...lines.flatMap((line, index) => (index ? [element("br"), `\n${line}`] : [line])));
}
