// What is read out of a message: who, when, and its words, without the marks of Markdown.

import { shownName } from "../files/file_card.js";
import { say } from "../lib/strings.js";

/** The beginning of `words`: so many letters of it at most. */
export function beginning(words, most) {
  const letters = [...words.slice(0, 2 * most + 2)];
  return letters.length > most ? `${letters.slice(0, most).join("").trimEnd()}…` : words;
}

/** The words of a row: what it says, which `text` shows, and what its file is called. */
export function wordsOf({ redacted, attachment }, text) {
  if (redacted) return say("redacted");
  return [text, attachment && shownName(attachment.name)].filter(Boolean).join(" ");
}
