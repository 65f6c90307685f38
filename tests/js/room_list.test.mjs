import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomList } from "../../static/js/sidebar/room_list.js";

const TEA = { id: "tea", name: "Tea", talk_count: 10, unread: 2, muted: false };
const JAZZ = { id: "jazz", name: "Jazz", talk_count: 4, unread: 0, muted: false };
const NOISE = { id: "noise", name: "Noise", talk_count: 90, unread: 50, muted: true };

function countOf(list, name) {
  let count = 0;
  list.addEventListener(name, () => (count += 1));
  return () => count;
}

const shown = (list) => list.rooms.map(({ id, unread }) => [id, unread]);

test("new messages are counted exactly and brings the room to the top", () => {
  const list = new RoomList([TEA, JAZZ]);
  list.apply({ type: "unread", room: "jazz", talk_count: 7 });
  assert.deepEqual(shown(list), [["jazz", 3], ["tea", 2]]);
});

test("the same event twice counts once, and an older one changes nothing", () => {
  const list = new RoomList([TEA, JAZZ]);
  for (const count of [12, 12, 11]) list.apply({ type: "unread", room: "tea", talk_count: count });
  assert.deepEqual(shown(list), [["tea", 4], ["jazz", 0]]);
});

test("what was read on another device is not unread here, and reading never goes back", () => {
  const list = new RoomList([TEA]);
  list.apply({ type: "read", room: "tea", read_talk: 10 });
  list.apply({ type: "read", room: "tea", read_talk: 9 });
  assert.deepEqual(shown(list), [["tea", 0]]);
});

test("an answer that an event has overtaken does not turn the numbers back", () => {
  const list = new RoomList([TEA]);
  list.apply({ type: "unread", room: "tea", talk_count: 12 });
  list.apply({ type: "read", room: "tea", read_talk: 11 });
  list.replace([TEA]);
  assert.deepEqual(shown(list), [["tea", 1]]);
});

test("a muted room and the room that is shown are not counted", () => {
  const list = new RoomList([TEA, JAZZ, NOISE]);
  assert.equal(list.unreadOutside(), 2);
  assert.equal(list.unreadOutside("tea"), 0);
});

test("an unknown room, and a changed list, have to be asked for", () => {
  const list = new RoomList([TEA]);
  const stale = countOf(list, "stale");
  list.apply({ type: "unread", room: "other", talk_count: 1 });
  list.apply({ type: "rooms" });
  assert.equal(stale(), 2);
});

test("a room that is gone from the answer is gone", () => {
  const list = new RoomList([TEA, JAZZ]);
  const change = countOf(list, "change");
  list.replace([JAZZ]);
  assert.deepEqual(shown(list), [["jazz", 0]]);
  assert.equal(change(), 1);
});

test("how many call one by name comes with what is unread, and goes with what is read", () => {
  const list = new RoomList([TEA, { ...JAZZ, mentions: 1 }]);
  const mentions = () => list.rooms.map(({ id, mentions }) => `${id} ${mentions}`).sort();
  list.apply({ type: "unread", room: "tea", talk_count: 12, mentions: 2 });
  assert.deepEqual(mentions(), ["jazz 1", "tea 2"]);
  list.apply({ type: "read", room: "tea", read_talk: 11, mentions: 1 });
  assert.deepEqual(mentions(), ["jazz 1", "tea 1"]);
  list.apply({ type: "read", room: "tea", read_talk: 9, mentions: 2 });
  list.replace([TEA, { ...JAZZ, mentions: 0 }]);
  assert.deepEqual(mentions(), ["jazz 0", "tea 1"]);
});

test("what is for oneself is all in direct rooms, and elsewhere what calls one by name; not in the open room", () => {
  const direct = { id: "bob", kind: "direct", talk_count: 8, unread: 3, muted: false };
  const list = new RoomList([{ ...TEA, mentions: 1 }, JAZZ, { ...NOISE, mentions: 4 }, direct]);
  assert.deepEqual(["jazz", "bob", "tea"].map((id) => list.forOneselfOutside(id)), [4, 1, 3]);
});
