// A room's members and settings: suggestions, links to copy, and changes by others as they happen.

import { getJson } from "../lib/api.js";
import { Combobox } from "../lib/combobox.js";
import { showLocalTimes } from "../lib/local_times.js";
import { refreshEvery } from "../lib/refresh_loop.js";
import { refreshPage } from "./live_page.js";
import { openLobbySocket } from "./lobby_socket.js";

// One small request; the page itself is fetched only when something has changed.
const CHECK_MS = 3000;
const GONE = new Set([401, 403, 404, 410]);

const root = document.getElementById("settings");
// Not location.href: a form that was refused is shown at the address to which it was sent.
const here = new URL(root.dataset.here + location.search, location.href).href;
// As the server drew the page: what has changed before the first check is noticed too.
const { systemMessages, muted: isMuted, name: roomName } = root.dataset;
let known = JSON.stringify([Number(systemMessages), isMuted === "yes", roomName]);

/** System messages tell of each change of members, roles, name and kind; `head` counts all rows. */
function versionOf({ head, talk_count: messages, muted, name }) {
  return JSON.stringify([head - messages, muted, name]);
}

async function check() {
  try {
    const room = await getJson(root.dataset.room);
    // For a user who has become an admin, or no longer is one, the page has other parts.
    if (versionOf(room) !== known && !(await refreshPage(here))) location.assign(here);
    known = versionOf(room);
  } catch (error) {
    // Removed, signed out, or the room is gone: the page itself says which.
    if (GONE.has(error.status)) location.assign(here);
  }
}

function suggestUsers() {
  const form = root.querySelector("[data-suggest]");
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
  for (const button of root.querySelectorAll("[data-copies]")) button.hidden = false;
}

root.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.textContent = button.dataset.done;
});

showLocalTimes(root);
suggestUsers();
showCopyButtons();
document.addEventListener("refreshed", showCopyButtons);
const checkNow = refreshEvery(CHECK_MS, check);
if (root.dataset.websockets === "yes") openLobbySocket(({ type }) => type === "rooms" && checkNow());
checkNow();
