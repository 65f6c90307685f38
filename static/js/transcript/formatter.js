// What people wrote, put into the page. Most of it is plain. The formatter weighs as much as everything else together, so
// the page comes without it, and fetches it when somebody's words have marks for it to read.

import { element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";

// Whatever the formatter could take for a mark, and some that it does not; the rest it would leave as it is.
const MARKS = /[\\\x60*_~<>@[\]]|\/\/|mailto:|^[ \t]*(?:[-+#=]|\d+[.)])|\n[^\S\n]*\n/im;
// So long may words be formatted before the page draws and listens again.
const SLICE_MS = 10;

let formatter = null;
let isComing = false;
let keepingPlace = (change) => change();
// Places whose words have marks → the words
const waiting = new Map();

/** The lines of words that have no marks, as the formatter would show them; null if they have some. */
export function plainLines(text) {
  return MARKS.test(text) ? null : linesOf(text);
}

/** Words that are formatted later are so under `how(change)`, which sees to it that nothing jumps. */
export function formatUnder(how) {
  keepingPlace = how;
}

/** Show `text` in `place`: words with marks as they were typed until the formatter is there. */
export function write(place, text) {
  const plain = plainLines(text);
  if (!plain && formatter) return place.replaceChildren(formatter.toNodes(text));
  place.replaceChildren(paragraph(plain ?? linesOf(text)));
  if (plain) return;
  waiting.set(place, text);
  if (isComing) return;
  isComing = true;
  // To ask for it takes as long as to draw the rows.
  whenIdle(fetchFormatter);
}

async function fetchFormatter() {
  try {
    formatter = await import("./markdown.js");
    formatWaiting();
  } catch {
    // The server was away: what was typed can be read as it is, and the next words with marks try again.
    isComing = false;
  }
}

function formatWaiting() {
  keepingPlace(formatSlice);
  if (waiting.size) setTimeout(formatWaiting);
}

/** The newest, at which people look, first. */
function formatSlice() {
  const until = performance.now() + SLICE_MS;
  for (const [place, text] of [...waiting].reverse()) {
    waiting.delete(place);
    place.replaceChildren(formatter.toNodes(text));
    if (performance.now() > until) return;
  }
}

function linesOf(text) {
  return text.replace(/^[ \t\n]+|[ \t\n]+$/g, "").split("\n").map((line) => line.replace(/^[ \t]+| +$/g, ""));
}

function paragraph(lines) {
  return element("p", "", ...lines.flatMap((line, index) => (index ? [element("br"), line] : [line])));
}
