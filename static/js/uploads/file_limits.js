// What may be sent, told before a byte travels. The server decides; this spares people a long wait for its no.

import { sizeOf } from "../files/sizes.js";
import { list, say } from "../lib/strings.js";

const MOST_NAMED = 12;

/** ".txt" of "notes.TXT", "" where there is none: a name that only begins with a dot has no ending. */
export function endingOf(name) {
  const at = name.lastIndexOf(".");
  return at > 0 ? name.slice(at).toLowerCase() : "";
}

/** Why this file cannot be sent, as a sentence; "" where it can. `allowed` is null where all but `refused` may be. */
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
