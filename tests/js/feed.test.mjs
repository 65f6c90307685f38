import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Feed } from "../../static/js/connection/feed.js";
import { row, rows, settled } from "./cast.mjs";

const WHILE_MS = 1000;

/** A feed that has rows 1 to `head`, and what it told the page. */
function feedOf(head, fetchAfter = async () => ({ messages: [], more: false, reset: false })) {
  const feed = new Feed({ seq: head, hash: `hash of ${head}` }, { fetchAfter });
  const told = [];
  feed.addEventListener("rows", ({ detail }) => told.push(...detail.map(({ seq }) => seq)));
  feed.addEventListener("reset", ({ detail }) => told.push(`reset to ${detail.messages.at(-1).seq}`));
  return { feed, told };
}

test("rows come once and in order", () => {
  const { feed, told } = feedOf(2);
  feed.apply([row(3), row(4)]);
  feed.apply([row(3), row(4), row(5)]);
  assert.deepEqual(told, [3, 4, 5]);
});

test("rows that came before the missing one wait for it", () => {
  const { feed, told } = feedOf(2);
  feed.apply([row(5), row(4)]);
  assert.deepEqual(told, []);
  feed.apply([row(3)]);
  assert.deepEqual(told, [3, 4, 5]);
  feed.stop();
});

test("the cursor names the last row without a gap before it", () => {
  const { feed } = feedOf(2);
  feed.apply([row(3), row(9)]);
  assert.deepEqual(feed.cursor, { seq: 3, hash: "hash of 3" });
  feed.stop();
});

test("a gap is fetched, page by page", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const { feed, told } = feedOf(1, async ({ seq, hash }) => {
    asked.push([seq, hash]);
    return { messages: rows(seq + 1, seq + 2), more: seq + 2 < 7, reset: false };
  });
  feed.apply([row(6), row(7)]);
  mock.timers.tick(WHILE_MS);
  await settled();
  assert.deepEqual(told, [2, 3, 4, 5, 6, 7]);
  assert.deepEqual(asked, [[1, "hash of 1"], [3, "hash of 3"]]);
  mock.timers.reset();
});

test("a head beyond our own is fetched", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { feed, told } = feedOf(1, async () => ({ messages: rows(2, 3), more: false, reset: false }));
  feed.expect(3);
  mock.timers.tick(WHILE_MS);
  await settled();
  assert.deepEqual(told, [2, 3]);
  mock.timers.reset();
});

test("a head that we have is not fetched", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { feed } = feedOf(3, () => assert.fail("asked"));
  feed.expect(3);
  mock.timers.tick(WHILE_MS);
  mock.timers.reset();
});

test("a fetch that fails is tried again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let tries = 0;
  const { feed, told } = feedOf(1, async () => {
    tries += 1;
    if (tries === 1) throw new Error("away");
    return { messages: rows(2, 2), more: false, reset: false };
  });
  feed.expect(2);
  for (let i = 0; i < 5; i += 1) {
    mock.timers.tick(WHILE_MS);
    await settled();
  }
  assert.deepEqual(told, [2]);
  mock.timers.reset();
});

test("a reset replaces everything, also when its log is shorter", () => {
  const { feed, told } = feedOf(9);
  feed.apply([row(12)]);
  feed.reset({ messages: rows(1, 4), more: false, head: 4, hash: "hash of 4" });
  feed.apply([row(5)]);
  assert.deepEqual(told, ["reset to 4", 5]);
  feed.stop();
});

test("a page goes on from the head, which may be a row that is not drawn", () => {
  const { feed, told } = feedOf(9);
  feed.reset({ messages: rows(1, 4), more: false, head: 7, hash: "hash of 7" });
  assert.deepEqual(feed.cursor, { seq: 7, hash: "hash of 7" });
  feed.apply([row(8)]);
  assert.deepEqual(told, ["reset to 4", 8]);
  feed.stop();
});

test("an answer to a question from before a reset is dropped", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let answer;
  const { feed, told } = feedOf(5, () => new Promise((resolve) => (answer = resolve)));
  feed.expect(7);
  mock.timers.tick(WHILE_MS);
  feed.reset({ messages: rows(1, 2), more: false, head: 2, hash: "hash of 2" });
  answer({ messages: rows(6, 7), more: false, reset: false });
  await settled();
  assert.deepEqual(told, ["reset to 2"]);
  mock.timers.reset();
});

test("a reset may be the answer to a fetch", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { feed, told } = feedOf(5, async () => ({ messages: rows(1, 3), more: false, reset: true, head: 3, hash: "hash of 3" }));
  feed.expect(7);
  mock.timers.tick(WHILE_MS);
  await settled();
  assert.deepEqual(told, ["reset to 3"]);
  mock.timers.reset();
});
