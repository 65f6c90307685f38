// The sentences that are read out for what has come. They are loaded with the first of it.

import { shownName } from "../files/file_card.js";
import { list, say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";
import { beginning } from "./spoken.js";

const MOST_READ_OUT = 2;
const MOST_LETTERS = 200;

/** Promise what is read out for these rows. Of the user's own, the files; `withoutMarks(body)` promises plain words. */
export async function announcementOf(rows, { user, withoutMarks }) {
  const own = rows.filter(({ author }) => author?.id === user.id);
  const others = rows.filter((row) => !own.includes(row));
  const sentences = [];
  if (own.length) sentences.push(say("files_sent", { names: list(own.map(({ attachment: { name } }) => shownName(name))) }));
  if (others.length > MOST_READ_OUT) return [...sentences, say("new_messages", { count: others.length })];
  return [...sentences, ...(await Promise.all(others.map((row) => spoken(row, withoutMarks))))];
}

async function spoken({ author, body, attachment }, withoutMarks) {
  const words = beginning(await withoutMarks(body), MOST_LETTERS);
  const name = author ? nameOf(author) : say("somebody");
  if (!attachment) return say("spoken", { name, words });
  const file = shownName(attachment.name);
  return [say("spoken_file", { name, file }), words].filter(Boolean).join(" ");
}
