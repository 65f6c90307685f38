// What a message may be, as the server counts it (rooms/models.py): Python counts code points, JavaScript's length
// counts UTF-16 units, in which an emoji is two.

export const BODY_MAX_LENGTH = 10_000;

export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The words as they are sent: no blank lines before them, nothing blank after; the first line keeps its indent. */
export function tidy(text) {
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}

export function isTooLong(text) {
  return text.length > BODY_MAX_LENGTH && codePoints(text) > BODY_MAX_LENGTH;
}
