// The dialog that lists the keys. What is in it comes from the server when it first opens.

import { areLettersCommands, setLettersCommands } from "./letter_keys.js";
import { openDialog } from "./open_dialog.js";

/** Promise that it is open; rejects where the server does not answer. */
export async function showKeys(dialog) {
  if (!dialog.hasChildNodes()) await fill(dialog);
  openDialog(dialog);
}

async function fill(dialog) {
  const answer = await fetch(dialog.dataset.url, { credentials: "same-origin" });
  // Led to the log-in, it is another page.
  if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
  const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
  dialog.replaceChildren(...body.childNodes);
  dialog.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
  const toggle = dialog.querySelector("#keys-toggle");
  toggle.checked = areLettersCommands();
  toggle.addEventListener("change", () => setLettersCommands(toggle.checked));
}
