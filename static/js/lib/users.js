/** How a person is named in one line: the username stands beside a display name, which may be anybody's. */
export function nameOf(person) {
  const { username, display_name: shown } = person;
  return shown && shown !== username ? `${shown} (@${username})` : username;
}

// A letter before one that is no part of it, as in most names (Latin, Greek, Cyrillic): no need of the segmenter, which
// takes longer to be made than all rows to be drawn.
const PLAIN_LETTER = /^[A-Za-z0-9\u00C0-\u024F\u0391-\u03FF\u0400-\u0481](?=[A-Za-z0-9\u00C0-\u024F\u0391-\u03FF\u0400-\u0481 _.-]|$)/;
let segmenter = null;

/** The first letter of a name, whole: a letter may be several code points. */
export function initialOf(person) {
  const name = person.display_name || person.username;
  return (PLAIN_LETTER.exec(name)?.[0] ?? firstSegment(name) ?? "?").toUpperCase();
}

function firstSegment(name) {
  if (!Intl.Segmenter) return [...name][0];
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(name)) return segment;
}

const HUES = 8;

/** One of eight colours, the same for this person everywhere. */
export function hueOf(person) {
  let sum = 0;
  for (const letter of person.id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}
