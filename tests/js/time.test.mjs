// Times come when the words can be read already, and from then on at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Times, dayNumber, minuteNumber } from "../../static/js/lib/time.js";

const EVENING = new Date(2026, 10, 20, 21, 4, 7);

test("what is on the first screen gets its times when the page is idle, and all else at once", () => {
  let begin;
  globalThis.requestIdleCallback = (act) => (begin = act);
  const [first, second, day, old] = [{}, {}, {}, {}];
  const times = new Times("en-GB");
  times.writeClock(first, EVENING);
  times.writeDay(day, EVENING, EVENING);
  times.writeDay(old, new Date(2025, 0, 2), EVENING);
  assert.equal(first.textContent, undefined);
  begin();
  times.writeClock(second, EVENING);
  assert.deepEqual([first, second, day].map((node) => node.textContent), ["21:04", "21:04", "Friday 20 November"]);
  assert.match(old.textContent, /2 January 2025/);
});

test("days and minutes are told apart by numbers", () => {
  assert.equal(dayNumber(EVENING), 20_261_020);
  assert.equal(minuteNumber(EVENING), minuteNumber(new Date(2026, 10, 20, 21, 4, 59)));
  assert.notEqual(minuteNumber(EVENING), minuteNumber(new Date(2026, 10, 20, 21, 5)));
});
