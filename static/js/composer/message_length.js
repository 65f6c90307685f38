// The length of a message as the server counts it. Python counts code points; JavaScript's length counts UTF-16 units, of
// which an emoji has two.

export const BODY_MAX_LENGTH = 10_000;

export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text as it is sent: without blank lines before it or blanks after it. The first line keeps its indent. */
export function tidy(text) {
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}

export function isTooLong(text) {
  return text.length > BODY_MAX_LENGTH && codePoints(text) > BODY_MAX_LENGTH;
}
