import assert from "node:assert/strict";
import { test } from "node:test";

import { randomId } from "../../static/js/lib/ids.js";
import { codePoints, isTooLong, tidy } from "../../static/js/composer/message_length.js";

test("length is counted as the server counts it", () => {
  assert.equal(codePoints("a😀é"), 3);
});

test("ten thousand emoji are not too long, one more is", () => {
  assert.equal(isTooLong("😀".repeat(10_000)), false);
  assert.equal(isTooLong("😀".repeat(10_001)), true);
});

test("blank lines around the words go, the first line's indent stays", () => {
  assert.equal(tidy("\n  \n    code\n\ntext \n\n"), "    code\n\ntext");
});

test("an id is 32 hexadecimal digits, new each time", () => {
  assert.match(randomId(), /^[0-9a-f]{32}$/);
  assert.notEqual(randomId(), randomId());
});
