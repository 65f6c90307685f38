/** How a person is named in one line: the username stands beside a display name, which may be anybody's. */
export function nameOf(person) {
  const { username, display_name: shown } = person;
  return shown && shown !== username ? `${shown} (@${username})` : username;
}

// Made once: making one costs more than all the names of a page.
const segmenter = Intl.Segmenter ? new Intl.Segmenter() : null;

/** The first letter of a name, whole: a letter may be several code points. */
export function initialOf(person) {
  const name = person.display_name || person.username;
  const letters = segmenter?.segment(name) ?? [...name].map((segment) => ({ segment }));
  for (const { segment } of letters) return segment.toUpperCase();
  return "?";
}

const HUES = 8;

/** One of eight colours, the same for this person everywhere. */
export function hueOf(person) {
  let sum = 0;
  for (const letter of person.id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}
