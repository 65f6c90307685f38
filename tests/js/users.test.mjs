import assert from "node:assert/strict";
import { test } from "node:test";

import { hueOf, initialOf } from "../../static/js/lib/users.js";

test("the colour of a person is the one that the server has", () => {
  // tests/rooms/test_faces.py has the same.
  assert.deepEqual([..."abcdefgh"].map((letter) => hueOf({ id: letter.repeat(8) })), HUES);
});

test("the initial is a whole letter", () => {
  const names = ["alice", "a\u0308rger", "ärger", "e\u0301", "Юля", "👩‍👩‍👧 family", "سلمى", "x"];
  const initials = ["A", "A\u0308", "Ä", "E\u0301", "Ю", "👩‍👩‍👧", "س", "X"];
  assert.deepEqual(names.map((name) => initialOf({ username: "x", display_name: name })), initials);
});

const HUES = [1, 2, 3, 4, 5, 6, 7, 0];
