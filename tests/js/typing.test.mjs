import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { useStrings } from "../../static/js/lib/strings.js";
import { Typing } from "../../static/js/composer/typing.js";
import { ALICE, BOB } from "./cast.mjs";

const CHARLIE = { id: "c3", username: "charlie", display_name: "Charlie" };
const DANA = { id: "d4", username: "dana", display_name: "dana" };
const EVE = { id: "e5", username: "eve", display_name: "eve" };

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_790_000_000_000 });
  const typing = { one: "{names} is typing", other: "{names} are typing" };
  useStrings({ typing, typing_many: "Several people are typing" }, "en");
});
afterEach(() => mock.timers.reset());

function typingOf() {
  const place = { textContent: "" };
  const composer = new EventTarget();
  const told = [];
  const recipient = { chosen: null };
  const connection = { typing: () => told.push(Date.now()) };
  const room = { id: "r" };
  const typing = new Typing({ targets: { typing: place }, user: ALICE, room, composer, recipient, connection });
  return { typing, place, told, recipient, write: () => composer.dispatchEvent(new Event("writing")) };
}

test("who types is named, and forgotten after six seconds", () => {
  const { typing, place } = typingOf();
  typing.started(BOB);
  assert.equal(place.textContent, "bob is typing");
  mock.timers.tick(5999);
  assert.equal(place.textContent, "bob is typing");
  mock.timers.tick(1);
  assert.equal(place.textContent, "");
});

test("several are named together, more than three are not", () => {
  const { typing, place } = typingOf();
  typing.started(BOB);
  typing.started(CHARLIE);
  assert.equal(place.textContent, "bob and Charlie (@charlie) are typing");
  typing.started(DANA);
  typing.started(EVE);
  assert.equal(place.textContent, "Several people are typing");
});

test("a user whose message has come is not typing any more, and nobody types to themselves", () => {
  const { typing, place } = typingOf();
  typing.started(ALICE);
  assert.equal(place.textContent, "");
  typing.started(BOB);
  typing.stopped(BOB.id);
  assert.equal(place.textContent, "");
});

test("writing is told at once, and every three seconds at most", () => {
  const { told, write } = typingOf();
  for (let i = 0; i < 70; i += 1) {
    write();
    mock.timers.tick(100);
  }
  assert.equal(told.length, 3);
});

test("the room is not told that somebody writes privately", () => {
  const { told, recipient, write } = typingOf();
  recipient.chosen = BOB;
  write();
  assert.equal(told.length, 0);
  recipient.chosen = null;
  write();
  assert.equal(told.length, 1);
});
