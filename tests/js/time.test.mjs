// Times come when the words can be read already, and from then on at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pageLanguage } from "../../static/js/lib/dom.js";
import { showLocalTimes } from "../../static/js/lib/local_times.js";
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

test("a time that the server wrote in its own zone is told in the reader's", () => {
  globalThis.document = { documentElement: { lang: "en" } };
  const time = { dateTime: "2026-11-20T21:04:00+00:00", textContent: "Nov. 20, 2026, 9:04 p.m. UTC" };
  const zone = process.env.TZ;
  process.env.TZ = "Asia/Tokyo";
  showLocalTimes({ querySelectorAll: () => [time] });
  process.env.TZ = zone ?? "";
  assert.equal(time.textContent.replace("\u202f", " "), "Nov 21, 2026, 6:04 AM");
});

test("Arabic has the digits that the server writes", () => {
  globalThis.document = { documentElement: { lang: "ar-EG" } };
  assert.equal(new Intl.NumberFormat("ar-EG").format(12), "١٢");
  assert.equal(new Intl.NumberFormat(pageLanguage()).format(12), "12");
});
