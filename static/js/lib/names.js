// A user's name on the page.

import { element } from "./dom.js";

/** The name and, where it is another one, the username beside it, which nobody else can have. */
export function drawNames({ username, display_name: shown }) {
  const name = element("bdi", "", shown || username);
  return shown && shown !== username ? [name, " ", element("bdi", "message-username", `@${username}`)] : [name];
}
