// A file in one line: what it is called, what it is, how large it is.

import { sizeOf } from "./sizes.js";
import { element } from "../lib/dom.js";

const ENDING = /[^.]\.([\p{L}\p{N}]{1,5})$/u;
// Characters that reverse the letters after them and so hide a file's type: "photo\u202Egpj.exe" reads "photoexe.jpg".
const REVERSING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** The file's name without characters that make it look like another one. */
export function shownName(name) {
  return name.replace(REVERSING, "");
}

/** The file's name, icon, kind and size, and `more` elements, such as a button. */
export function drawCard({ name, size, type }, ...more) {
  const ending = ENDING.exec(name)?.[1].toUpperCase() ?? "";
  const icon = element("span", "file-icon", ending);
  icon.setAttribute("aria-hidden", "true");
  const shown = element("div", "file-name", element("bdi", "", shownName(name)));
  shown.title = shownName(name);
  const kind = ending || type;
  const kindParts = kind ? [element("bdi", "", kind), " · "] : [];
  const facts = element("div", "file-facts", ...kindParts, element("bdi", "", sizeOf(size)));
  return element("div", "file-card", icon, element("div", "file-about", shown, facts), ...more);
}
