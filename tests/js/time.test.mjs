// Times come when the words can be read already, and from then on at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pageLanguage } from "../../static/js/lib/dom.js";
import { showLocalTimes } from "../../static/js/lib/local_times.js";
import { Times, dayNumber } from "../../static/js/lib/time.js";

const EVENING = new Date(2026, 10, 20, 21, 4, 7);

test("what is on the first screen gets its times when the page is idle, and all else at once", () => {
  let begin;
  globalThis.requestIdleCallback = (act) => (begin = act);
  const [first, second, day, old] = [{}, {}, {}, {}];
  const times = new Times("en-GB");
  times.writeClock(first, EVENING);
  times.writeDay(day, EVENING, new Date(2026, 10, 24));
  times.writeDay(old, new Date(2025, 0, 2), EVENING);
  assert.equal(first.textContent, undefined);
  begin();
  times.writeClock(second, EVENING);
  assert.deepEqual([first, second, day].map((node) => node.textContent), ["21:04", "21:04", "Friday 20 November"]);
  assert.match(old.textContent, /2 January 2025/);
});

test("days are told apart by numbers", () => {
  assert.equal(dayNumber(EVENING), 20_261_020);
});

test("the last two days have names, and others their date", () => {
  const dayOf = (language, date, now) => {
    const node = {};
    globalThis.requestIdleCallback = (act) => act();
    new Times(language).writeDay(node, date, now);
    return node.textContent;
  };
  const morning = new Date(2026, 2, 1, 0, 5);
  assert.equal(dayOf("en-GB", morning, morning), "Today");
  assert.equal(dayOf("en-GB", new Date(2026, 1, 28, 23, 59), morning), "Yesterday");
  assert.equal(dayOf("de", new Date(2026, 1, 28, 0, 0), morning), "Gestern");
  assert.equal(dayOf("en-GB", new Date(2026, 1, 27, 23, 59), morning), "Friday 27 February");
  assert.equal(dayOf("en-GB", new Date(2026, 2, 2), morning), "Monday 2 March");
});

test("another day is told once, also after a night's sleep", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: EVENING });
  globalThis.requestIdleCallback = (act) => act();
  const life = new AbortController();
  let told = 0;
  new Times("en").onNewDay(() => (told += 1), life.signal);
  context.mock.timers.tick(60_000);
  assert.equal(told, 0);
  context.mock.timers.setTime(EVENING.getTime() + 10 * 3_600_000);
  context.mock.timers.tick(120_000);
  assert.equal(told, 1);
  life.abort();
  context.mock.timers.setTime(EVENING.getTime() + 40 * 3_600_000);
  context.mock.timers.tick(60_000);
  assert.equal(told, 1);
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
