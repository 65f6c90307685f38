// A person's picture, or the first letter of their name on a colour that is theirs.

import { element } from "./dom.js";
import { hueOf, initialOf } from "./users.js";

/** `person` may be null: somebody. Their name stands beside it: a screen reader need not hear it twice. */
export function drawFace(person) {
  const face = element("span", `face hue-${person ? hueOf(person) : 0}`);
  face.setAttribute("aria-hidden", "true");
  if (person?.picture) face.append(drawPicture(person.picture));
  else face.textContent = person ? initialOf(person) : "?";
  return face;
}

function drawPicture(address) {
  const picture = element("img", "face-picture");
  picture.alt = "";
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.src = address;
  return picture;
}
