// A room's members and settings: suggestions, links to copy, and changes by others as they happen.

import { getJson } from "../lib/api.js";
import { Combobox } from "../lib/combobox.js";
import { refresh } from "./live_page.js";
import { listen } from "./lobby_socket.js";

// One small question; the page itself is fetched only where something has changed.
const LOOK_MS = 3000;
const GONE = new Set([401, 403, 404, 410]);

const page = document.getElementById("settings");
// Not location.href: a form that was refused is shown at the address that it was sent to.
const here = new URL(page.dataset.here + location.search, location.href).href;
// As the page was drawn: what has changed before its first question is seen too.
let known = JSON.stringify([Number(page.dataset.deeds), page.dataset.muted === "yes", page.dataset.name]);
let isLooking = false;

/** Rows that are no talk tell of each change of members, roles, name and kind; `head` counts all rows. */
function signOf({ head, talk_count: talk, muted, name }) {
  return JSON.stringify([head - talk, muted, name]);
}

async function look() {
  if (document.hidden || isLooking) return;
  isLooking = true;
  try {
    const room = await getJson(page.dataset.room);
    // To who has become an admin, or is none any more, this is another page.
    if (signOf(room) !== known && !(await refresh(here))) location.assign(here);
    known = signOf(room);
  } catch (error) {
    // Removed, signed out, or the room is gone: the page says so itself.
    if (GONE.has(error.status)) location.assign(here);
  } finally {
    isLooking = false;
  }
}

function suggest() {
  const form = page.querySelector("[data-suggest]");
  if (!form) return;
  const field = form.querySelector("[name=username]");
  new Combobox({
    field,
    none: form.dataset.none,
    suggest: async (words) => (words ? (await getJson(form.dataset.suggest, { q: words })).people : []),
  });
}

function showCopyButtons() {
  if (!navigator.clipboard) return;
  for (const button of page.querySelectorAll("[data-copies]")) button.hidden = false;
}

page.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.textContent = button.dataset.done;
});

suggest();
showCopyButtons();
document.addEventListener("refreshed", showCopyButtons);
if (page.dataset.websockets === "yes") listen(({ type }) => type === "rooms" && look());
setInterval(look, LOOK_MS);
document.addEventListener("visibilitychange", look);
look();
