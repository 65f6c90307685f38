import { element } from "../lib/dom.js";

// A region is read out when it changes after the browser has told the screen reader that it is there.
const SAY_AFTER_MS = 300;
const FORGET_AFTER_MS = 3000;

/**
 * Open `dialog` over the page and have `words` read out: its title, or what else says why it is there. Its name alone
 * is not enough: with Orca, a dialog whose first control is no field opens without a word.
 */
export function openDialog(dialog, words = dialog.querySelector("h2").textContent) {
  const spoken = element("p", "visually-hidden");
  spoken.setAttribute("role", "status");
  dialog.append(spoken);
  dialog.showModal();
  setTimeout(() => (spoken.textContent = words), SAY_AFTER_MS);
  // Otherwise who walks through the dialog would come upon it once more.
  setTimeout(() => spoken.remove(), FORGET_AFTER_MS);
}
