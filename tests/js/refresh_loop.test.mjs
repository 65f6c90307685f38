import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { gathered, refreshEvery } from "../../static/js/lib/refresh_loop.js";
import { settled } from "./cast.mjs";

const A_SECOND_MS = 1000;

let page;

beforeEach(() => {
  page = Object.assign(new EventTarget(), { hidden: false });
  globalThis.document = page;
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
});
afterEach(() => mock.timers.reset());

/** A loop of a second, whose answers the test gives. */
function looping() {
  const requests = [];
  const now = refreshEvery(A_SECOND_MS, () => new Promise((resolve, reject) => requests.push({ resolve, reject })));
  return { requests, now };
}

async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  await settled();
}

test("the server is asked each time the clock says so, and not while the tab is hidden", async () => {
  const { requests } = looping();
  await pass(A_SECOND_MS);
  requests[0].resolve();
  await settled();
  page.hidden = true;
  await pass(5 * A_SECOND_MS);
  assert.equal(requests.length, 1);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(requests.length, 2);
});

test("a slow answer is waited for, and who asked meanwhile gets a newer one", async () => {
  const { requests, now } = looping();
  now();
  await pass(5 * A_SECOND_MS);
  assert.equal(requests.length, 1);
  now();
  now();
  requests[0].resolve();
  await settled();
  assert.equal(requests.length, 2);
  requests[1].resolve();
  await settled();
  assert.equal(requests.length, 2);
});

test("after a failure the next turn asks again, and after a sign-out none does", async () => {
  const { requests, now } = looping();
  now();
  requests[0].reject({ status: 0 });
  await settled();
  await pass(A_SECOND_MS);
  assert.equal(requests.length, 2);
  requests[1].reject({ status: 401 });
  await settled();
  await pass(5 * A_SECOND_MS);
  now();
  assert.equal(requests.length, 2);
});

test("several calls within the wait are one", () => {
  let count = 0;
  const act = gathered(300, () => (count += 1));
  act();
  mock.timers.tick(200);
  act();
  mock.timers.tick(100);
  assert.equal(count, 1);
  act();
  mock.timers.tick(300);
  assert.equal(count, 2);
});
