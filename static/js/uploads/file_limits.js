// Which files may be sent, said before a byte travels. The server decides; this spares users a long wait for its refusal.

import { sizeOf } from "../files/sizes.js";
import { list, say } from "../lib/strings.js";

const MOST_NAMED = 12;

/** ".txt" for "notes.TXT"; "" where there is none: a dot at the beginning of a name begins no ending. */
export function endingOf(name) {
  const at = name.lastIndexOf(".");
  return at > 0 ? name.slice(at).toLowerCase() : "";
}

/** Why this file cannot be sent, as a sentence; "" where it can. `allowed` is null where all types but `refused` are. */
export function problemOf({ name, size }, { max_size: most, allowed, refused = [] }) {
  const ending = endingOf(name);
  if (size > most) return say("file_too_large", { name, size: sizeOf(size), most: sizeOf(most) });
  if (allowed && !allowed.includes(ending)) return say("file_not_allowed", { name, types: named(allowed) });
  if (refused.includes(ending)) return say("file_refused", { name, type: ending });
  return "";
}

function named(types) {
  return list([...types.slice(0, MOST_NAMED), ...(types.length > MOST_NAMED ? ["…"] : [])]);
}
