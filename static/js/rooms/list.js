// The list of rooms: its numbers and its order stay true while somebody looks at it.

import { getJson } from "../lib/api.js";
import { gathered, refreshEvery } from "../lib/refresh_loop.js";
import { RoomList } from "../sidebar/room_list.js";
import { refreshPage } from "./live_page.js";
import { openLobbySocket } from "./lobby_socket.js";

const REFRESH_MS = 10_000;
// Several changes of the list within this time are asked for together.
const GATHER_MS = 300;

const root = document.getElementById("rooms");
const { url, q, page, own: ownPages, websockets } = root.dataset;
const mine = new RoomList();

/** Write a number; `lively` and `hide` show whether it is 0. */
function showNumber(node, number, { lively = false, hide = false } = {}) {
  if (!node) return;
  node.querySelector("[data-number]").textContent = String(number);
  if (lively) node.classList.toggle("is-lively", number > 0);
  if (hide) node.hidden = number === 0;
}

function cardOf(id) {
  return root.querySelector(`[data-room="${CSS.escape(id)}"]`);
}

function drawNumbers({ id, here, member_count: members }) {
  const card = cardOf(id);
  if (!card) return;
  showNumber(card.querySelector("[data-here]"), here, { lively: true });
  showNumber(card.querySelector("[data-members]"), members);
}

/** What is unread, and the order: the room with the newest message first. */
function drawMine() {
  const cards = mine.rooms.map((room) => ({ room, card: cardOf(room.id) })).filter(({ card }) => card);
  for (const { room, card } of cards) {
    showNumber(card.querySelector("[data-unread]"), room.muted ? 0 : room.unread, { hide: true });
    card.classList.toggle("has-unread", room.unread > 0 && !room.muted);
  }
  for (const list of root.querySelectorAll("[data-scope=mine]")) sort(list, cards.map(({ card }) => card));
}

function sort(list, cards) {
  const wanted = cards.filter((card) => card.parentElement === list);
  const isInOrder = wanted.every((card, index) => list.children[index] === card);
  // Not while a card is pressed or has the focus: the next change sorts it.
  if (!isInOrder && !list.matches(":focus-within, :active")) list.prepend(...wanted);
}

async function fetchNumbers() {
  const own = await getJson(url, { scope: "mine", q });
  mine.replace(own.rooms);
  own.rooms.forEach(drawNumbers);
  const others = await getJson(url, { scope: "public", q, page });
  others.rooms.forEach(drawNumbers);
  // Further back in the user's lists the newest of their rooms have no cards.
  if (ownPages === "first" && own.rooms.some(({ id }) => !cardOf(id)?.closest("[data-scope=mine]"))) refreshCardsSoon();
}

async function refreshCards() {
  const isSamePage = await refreshPage(location.href).catch(() => true);
  if (isSamePage) await refreshNumbers();
  else location.reload();
}

const refreshNumbers = refreshEvery(REFRESH_MS, fetchNumbers);
const refreshCardsSoon = gathered(GATHER_MS, refreshCards);
mine.addEventListener("change", drawMine);
mine.addEventListener("stale", refreshCardsSoon);
if (websockets === "yes") openLobbySocket((event) => mine.apply(event));
refreshNumbers();
