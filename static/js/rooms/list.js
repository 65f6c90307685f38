// The list of rooms: its numbers and its order stay true while somebody looks at it.

import { getJson } from "../lib/api.js";
import { RoomList } from "../sidebar/room_list.js";
import { refresh } from "./live_page.js";
import { listen } from "./lobby_socket.js";

const REFRESH_MS = 10_000;
// Several changes of the list at once are asked for together.
const GATHER_MS = 300;
const SIGNED_OUT = 401;

const place = document.getElementById("rooms");
const { url, q, page, websockets } = place.dataset;
const mine = new RoomList();
let timer = null;
let staleTimer = null;

/** Writes a number, and lets its place show whether there is anything to see. */
function show(where, number, { lively = false, hide = false } = {}) {
  if (!where) return;
  where.querySelector("[data-number]").textContent = String(number);
  if (lively) where.classList.toggle("is-lively", number > 0);
  if (hide) where.hidden = number === 0;
}

function cardOf(id) {
  return place.querySelector(`[data-room="${CSS.escape(id)}"]`);
}

function drawNumbers({ id, here, member_count: members }) {
  const card = cardOf(id);
  if (!card) return;
  show(card.querySelector("[data-here]"), here, { lively: true });
  show(card.querySelector("[data-members]"), members);
}

/** What is unread, and the newest talk first. */
function drawMine() {
  const cards = mine.rooms.map((room) => ({ room, card: cardOf(room.id) })).filter(({ card }) => card);
  for (const { room, card } of cards) {
    show(card.querySelector("[data-unread]"), room.muted ? 0 : room.unread, { hide: true });
    card.classList.toggle("has-unread", room.unread > 0 && !room.muted);
  }
  for (const list of place.querySelectorAll("[data-scope=mine]")) sort(list, cards.map(({ card }) => card));
}

function sort(list, cards) {
  const wanted = cards.filter((card) => card.parentElement === list);
  const isInOrder = wanted.every((card, index) => list.children[index] === card);
  // Not under somebody's finger or focus: it is put in order at the next change.
  if (!isInOrder && !list.matches(":focus-within, :active")) list.prepend(...wanted);
}

async function askForNumbers() {
  if (document.hidden || timer === null) return;
  try {
    const own = await getJson(url, { scope: "mine", q, page });
    mine.replace(own.rooms);
    own.rooms.forEach(drawNumbers);
    const others = await getJson(url, { scope: "public", q, page });
    others.rooms.forEach(drawNumbers);
    if (own.rooms.some(({ id }) => !cardOf(id)?.closest("[data-scope=mine]"))) askForPageSoon();
  } catch (error) {
    // Away for a moment: the numbers stay, and the next turn asks again. Signed out: there is nothing to ask for.
    if (error.status !== SIGNED_OUT) return;
    clearInterval(timer);
    timer = null;
  }
}

function askForPageSoon() {
  staleTimer ??= setTimeout(async () => {
    staleTimer = null;
    const isSamePage = await refresh(location.href).catch(() => true);
    if (isSamePage) await askForNumbers();
    else location.reload();
  }, GATHER_MS);
}

mine.addEventListener("change", drawMine);
mine.addEventListener("stale", askForPageSoon);
timer = setInterval(askForNumbers, REFRESH_MS);
// Who comes back to the tab is not shown what was true when they left it.
document.addEventListener("visibilitychange", askForNumbers);
if (websockets === "yes") listen((event) => mine.hear(event));
askForNumbers();
