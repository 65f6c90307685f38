import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { ApiError } from "../../static/js/lib/api.js";
import { retryWhileBusy } from "../../static/js/accounts/retry.js";

const busy = () => new ApiError({ status: 503, code: "pictures_busy", detail: "Busy.", retryAfterMs: 5000 });

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** Turn the clock, a second at a time, and say how many it took. */
async function secondsOf(promise) {
  let isOver = false;
  promise.then(() => (isOver = true), () => (isOver = true));
  let seconds = 0;
  for (; seconds < 1000; seconds += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) break;
    mock.timers.tick(1000);
  }
  return seconds;
}

test("what a busy server turned away is sent again when it said", async () => {
  const refusals = [busy(), busy()];
  let waits = 0;
  const promise = retryWhileBusy(async () => {
    if (refusals.length) throw refusals.shift();
    return "done";
  }, () => (waits += 1));
  assert.ok((await secondsOf(promise)) >= 10);
  assert.equal(await promise, "done");
  assert.equal(waits, 2);
});

test("what it refuses for good is not", async () => {
  const refusal = new ApiError({ status: 415, code: "no_picture", detail: "None." });
  await assert.rejects(retryWhileBusy(() => Promise.reject(refusal)), refusal);
});

test("it does not go on for ever", async () => {
  let tries = 0;
  const promise = retryWhileBusy(async () => {
    tries += 1;
    throw busy();
  });
  await secondsOf(promise);
  await assert.rejects(promise, { code: "pictures_busy" });
  assert.equal(tries, 10);
});
