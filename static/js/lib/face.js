// A user's picture, or the first letter of their name on a colour of their own.

import { element } from "./dom.js";
import { hueOf, initialOf } from "./users.js";

/** `user` may be null, for a deleted account. Hidden from screen readers: the name is beside it. */
export function drawFace(user) {
  const face = element("span", `face hue-${user ? hueOf(user) : 0}`);
  face.setAttribute("aria-hidden", "true");
  if (user?.picture) face.append(drawPicture(user.picture));
  else face.textContent = user ? initialOf(user) : "?";
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
