// Words without marks are shown without the formatter, and exactly as it would show them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { toHtml } from "../../static/js/transcript/markdown.js";
import { plainLines } from "../../static/js/transcript/formatter.js";

const PIECES = [
  ..."abzAZ09 \t\n\u00a0\u2003.,:;!?'\"()/&%$=+-#>*_~`\\|[]{}<^@\u200fé漢😀",
  ...["  ", "\n\n", "\n ", "1. ", "2) ", "- ", "+ ", "word", "www.x.org", "x.org/y", "http:", "//", "ftp:", "mailto:", "&amp;", "==="],
];
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Numbers that look random and are the same each time. */
function* numbers(seed) {
  for (let state = seed; ; ) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield state / 2147483648;
  }
}

const escaped = (line) => line.replace(/[&<>"]/g, (letter) => ESCAPES[letter]);
const html = (lines) => `<p>${lines.map(escaped).join("<br>\n")}</p>\n`;

test("what is taken for plain is what the formatter leaves as it is", () => {
  const random = numbers(7);
  let plain = 0;
  for (let round = 0; round < 60_000; round += 1) {
    const length = 1 + Math.floor(random.next().value * 12);
    const text = Array.from({ length }, () => PIECES[Math.floor(random.next().value * PIECES.length)]).join("");
    const lines = text.trim() && plainLines(text);
    if (!lines) continue;
    plain += 1;
    assert.equal(toHtml(text), html(lines), JSON.stringify(text));
  }
  assert.ok(plain > 5000, `only ${plain} were plain`);
});

test("what people mostly write is plain", () => {
  for (const text of ["Yes!", "Thursday is fine.", "Is it 3:15? (I think so.)", "one\ntwo", "it's 5-6 + tea & cake", "e.g. setup.py"]) {
    assert.ok(plainLines(text), text);
  }
});

test("what has a mark is not", () => {
  for (const text of ["**b**", "`c`", "https://example.org", "a@example.org", "- a", "1. a", "a\n> b", "a\n\nb", "<b>", "\\", "MAILTO:x"]) {
    assert.equal(plainLines(text), null, text);
  }
});
