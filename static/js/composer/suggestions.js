// Who may be meant while one types to whom one writes. It comes when the field for that first gets the focus.

import { Combobox, usersCalled } from "../lib/combobox.js";
import { getJson } from "../lib/api.js";

const MOST_SUGGESTED = 8;

/** Return the Combobox of the field of `recipient`, which chooses there; `none` is the sentence for words that fit nobody. */
export function suggestFor(recipient, none) {
  const suggest = (words) => suggested(words, recipient);
  const suggestions = new Combobox({ field: recipient.recipientFieldTarget, none, suggest, choosesFirst: true });
  suggestions.addEventListener("choose", ({ detail: user }) => recipient.choose(user));
  return suggestions;
}

/** The users who are here first, then other members, for whom the server is asked. */
async function suggested(words, { user, presence, urls }) {
  const isOther = ({ id }) => id !== user.id;
  const here = usersCalled(presence.users.filter(isOther), words);
  if (!words || here.length >= MOST_SUGGESTED) return here.slice(0, MOST_SUGGESTED);
  const members = await searchMembers(urls.members, words).catch(() => []);
  const known = new Set(here.map(({ id }) => id));
  return [...here, ...members.filter(isOther).filter(({ id }) => !known.has(id))].slice(0, MOST_SUGGESTED);
}

async function searchMembers(url, q) {
  return (await getJson(url, { q })).members.map(({ person }) => person);
}
