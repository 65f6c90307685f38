/** A user's name in one line. The username is beside a display name, which anybody may choose. */
export function nameOf({ username, display_name: shown }) {
  return shown && shown !== username ? `${shown} (@${username})` : username;
}

// A first letter (Latin, Greek or Cyrillic) that no combining character follows, as in most names. It needs no segmenter,
// which takes longer to make than all rows take to draw.
const PLAIN_LETTER = /^[A-Za-z0-9\u00C0-\u024F\u0391-\u03FF\u0400-\u0481](?=[A-Za-z0-9\u00C0-\u024F\u0391-\u03FF\u0400-\u0481 _.-]|$)/;
let segmenter = null;

/** The first letter of a name, whole: a letter may be several code points. */
export function initialOf(user) {
  const name = user.display_name || user.username;
  return (PLAIN_LETTER.exec(name)?.[0] ?? firstSegment(name) ?? "?").toUpperCase();
}

function firstSegment(name) {
  if (!Intl.Segmenter) return [...name][0];
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(name)) return segment;
}

const HUES = 8;

/** One of eight colours, the same for this user everywhere. */
export function hueOf(user) {
  let sum = 0;
  for (const letter of user.id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}
