import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/lib/backoff.js";

test("the longest wait doubles from half a second to fifteen", () => {
  const backoff = new Backoff({ random: () => 1 });
  assert.deepEqual(Array.from({ length: 7 }, () => backoff.next()), [500, 1000, 2000, 4000, 8000, 15000, 15000]);
});

test("each wait is anything up to the longest", () => {
  const backoff = new Backoff({ random: () => 0.25 });
  assert.deepEqual([backoff.next(), backoff.next()], [125, 250]);
});

test("it begins anew after a reset", () => {
  const backoff = new Backoff({ random: () => 1 });
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 500);
});
