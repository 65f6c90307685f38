import { openDialog } from "./open_dialog.js";

/** Buttons with data-opens="<id>" open that dialog; its [data-closes] buttons close it. */
export function connectDialogButtons(root = document) {
  for (const opener of root.querySelectorAll("[data-opens]")) {
    opener.addEventListener("click", () => openDialog(document.getElementById(opener.dataset.opens)));
  }
  for (const closer of root.querySelectorAll("dialog [data-closes]")) {
    closer.addEventListener("click", () => closer.closest("dialog").close());
  }
}
