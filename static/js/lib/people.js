/** How a person is named in one line: the username stands beside a display name, which may be anybody's. */
export function nameOf(person) {
  const { username, display_name: shown } = person;
  return shown && shown !== username ? `${shown} (@${username})` : username;
}

/** The first letter of a name, whole: a letter may be several code points. */
export function initialOf(person) {
  const name = person.display_name || person.username;
  const [first] = new Intl.Segmenter?.(undefined, { granularity: "grapheme" }).segment(name) ?? [];
  return (first?.segment ?? name.slice(0, 1)).toUpperCase();
}

const HUES = 8;

/** One of eight colours, the same for this person everywhere. */
export function hueOf(person) {
  let sum = 0;
  for (const letter of person.id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}
