// Whether single letters are commands, for this browser, whoever uses it.

import { Store } from "../lib/store.js";

const OFF = "off";
const store = new Store("chatsite:keys");

export function areLettersCommands() {
  return !store.get(OFF);
}

export function setLettersCommands(areThey) {
  store.set(OFF, !areThey);
}
