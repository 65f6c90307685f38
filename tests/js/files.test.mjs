import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { remainingTime, sizeOf, speedOf } from "../../static/js/files/sizes.js";
import { shownName } from "../../static/js/files/file_card.js";
import { useStrings } from "../../static/js/lib/strings.js";
import { endingOf, problemOf } from "../../static/js/uploads/file_limits.js";
import { Speed } from "../../static/js/uploads/speed.js";

const MB = 1024 * 1024;
// The server says the same: tests/chatsite/test_sizes.py.
const SIZES = ["0 bytes", "1 byte", "1023 bytes", "1 kB", "3.5 MB", "28.6 MB", "30 MB"];

beforeEach(() => {
  const sentences = {
    file_too_large: "{name} has {size} of {most}",
    file_not_allowed: "{name}: only {types}",
    file_refused: "{name}: no {type}",
  };
  useStrings(sentences, "en");
});

test("sizes, speeds and rests are said in one unit", () => {
  assert.deepEqual([0, 1, 1023, 1024, 3.46 * MB, 28.6 * MB, 30 * MB].map(sizeOf), SIZES);
  assert.deepEqual([10, 2048, 1.25 * MB].map(speedOf), ["1 kB/s", "2 kB/s", "1.3 MB/s"]);
  assert.deepEqual([0.2, 59, 61, 7200].map(remainingTime), ["1 sec", "59 sec", "2 min", "2 hr"]);
});

test("the ending of a name is what comes after its last dot, but for a name that begins with it", () => {
  const names = ["notes.TXT", "a.tar.gz", ".bashrc", "README", "صورة 🌙.png"];
  assert.deepEqual(names.map(endingOf), [".txt", ".gz", "", "", ".png"]);
});

test("what is too large or not allowed is told before a byte travels", () => {
  const limits = { max_size: 100 * MB, allowed: null, refused: [".exe"] };
  assert.equal(problemOf({ name: "a.mov", size: 100 * MB }, limits), "");
  assert.equal(problemOf({ name: "a.mov", size: 101 * MB }, limits), "a.mov has 101 MB of 100 MB");
  assert.equal(problemOf({ name: "a.EXE", size: 1 }, limits), "a.EXE: no .exe");
  assert.equal(problemOf({ name: "a.mov", size: 1 }, { ...limits, allowed: [".txt"] }), "a.mov: only .txt");
  assert.equal(problemOf({ name: "a.txt", size: 0 }, { ...limits, allowed: [".txt"] }), "");
});

test("letters that turn a name around are left out of what is shown", () => {
  assert.equal(shownName("photo\u202Egpj.exe"), "photogpj.exe");
});

test("speed is that of the last seconds, and unknown at first and after a pause", () => {
  const speed = new Speed();
  speed.mark(0, 0);
  speed.mark(100, 100);
  assert.equal(speed.perSecond, null);
  for (let second = 1; second <= 30; second += 1) speed.mark(second * 1000, second * 1000);
  assert.equal(Math.round(speed.perSecond), 1000);
  for (let second = 31; second <= 45; second += 1) speed.mark(30_000 + (second - 30) * 5000, second * 1000);
  assert.equal(Math.round(speed.perSecond), 5000);
  speed.pause();
  assert.equal(speed.perSecond, null);
});
