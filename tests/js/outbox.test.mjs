import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Store } from "../../static/js/lib/store.js";
import { Outbox } from "../../static/js/composer/outbox.js";
import { ALICE, BOB, MemoryStorage, row } from "./cast.mjs";

const A_MINUTE_MS = 60_000;

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_790_000_000_000 }));
afterEach(() => mock.timers.reset());

function outboxOf(area = new MemoryStorage(), { holdMs } = {}) {
  const sent = [];
  const store = new Store("outbox", area);
  const outbox = new Outbox({ store, send: ({ client_id: id, body }) => sent.push({ id, body }), holdMs });
  return { outbox, sent, store, area, states: () => outbox.entries.map(({ body, state }) => `${body}: ${state}`) };
}

function connect(outbox) {
  outbox.connect();
  mock.timers.tick(1);
}

test("a message is sending, then sent, then its row takes its place", () => {
  const { outbox, sent, store, states } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  assert.deepEqual(states(), ["hello: sending"]);
  assert.deepEqual(sent, [{ id, body: "hello" }]);
  outbox.posted({ client_id: id, seq: 7 }, 6);
  assert.deepEqual(states(), ["hello: sent"]);
  assert.deepEqual(store.keys(), []);
  outbox.settle([row(7, { author: ALICE, client_id: id })], ALICE);
  assert.deepEqual(states(), []);
});

test("a row that comes before its answer takes its place too", () => {
  const { outbox, states } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  outbox.settle([row(7, { author: ALICE, client_id: id })], ALICE);
  outbox.posted({ client_id: id, seq: 7 }, 7);
  assert.deepEqual(states(), []);
});

test("somebody else's row with the same client_id is not ours", () => {
  const { outbox, states } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  outbox.settle([row(7, { author: BOB, client_id: id })], ALICE);
  assert.deepEqual(states(), ["hello: sending"]);
});

test("messages go one at a time, in the order in which they were written", () => {
  const { outbox, sent } = outboxOf();
  connect(outbox);
  for (const body of ["one", "two", "three"]) outbox.add(body);
  assert.equal(sent.length, 1);
  outbox.posted({ client_id: sent[0].id, seq: 1 }, 0);
  outbox.posted({ client_id: sent[1].id, seq: 2 }, 0);
  assert.deepEqual(sent.map(({ body }) => body), ["one", "two", "three"]);
});

test("what is written while disconnected waits, and is sent once connected", () => {
  const { outbox, sent, states } = outboxOf();
  outbox.add("one");
  outbox.add("two");
  assert.deepEqual(sent, []);
  assert.deepEqual(states(), ["one: waiting", "two: waiting"]);
  connect(outbox);
  assert.deepEqual(sent.map(({ body }) => body), ["one"]);
});

test("what got no answer is sent again under the same client_id", () => {
  const { outbox, sent } = outboxOf();
  connect(outbox);
  outbox.add("hello");
  outbox.disconnect();
  connect(outbox);
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
});

test("unsent messages survive a reload, with their client_id and order", () => {
  const before = outboxOf();
  const ids = ["one", "two", "three"].map((body) => before.outbox.add(body).client_id);
  const after = outboxOf(before.area);
  assert.deepEqual(after.states(), ["one: waiting", "two: waiting", "three: waiting"]);
  assert.deepEqual(after.outbox.entries.map(({ client_id: id }) => id), ids);
});

test("words left behind long ago are offered, not sent", () => {
  const before = outboxOf();
  before.outbox.add("yesterday");
  mock.timers.setTime(Date.now() + 24 * 60 * A_MINUTE_MS);
  const after = outboxOf(before.area);
  connect(after.outbox);
  assert.deepEqual(after.sent, []);
  assert.deepEqual(after.states(), ["yesterday: failed"]);
});

test("a message that is refused says why and lets the next one go", () => {
  const { outbox, sent, states } = outboxOf();
  connect(outbox);
  outbox.add("bad");
  outbox.add("good");
  outbox.refused({ client_id: sent[0].id, code: "bad_message", detail: "It cannot be stored." });
  assert.deepEqual(states(), ["bad: failed", "good: sending"]);
  assert.equal(outbox.entries[0].detail, "It cannot be stored.");
});

test("a refusal that passes is tried again by itself, before what was written later", () => {
  const { outbox, sent } = outboxOf();
  connect(outbox);
  outbox.add("one");
  outbox.add("two");
  outbox.refused({ client_id: sent[0].id, code: "try_again", detail: "Just a moment." });
  mock.timers.tick(A_MINUTE_MS);
  assert.deepEqual(sent.map(({ body }) => body), ["one", "one"]);
});

test("a failed message can be tried again or discarded", () => {
  const { outbox, sent, store, states } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  outbox.refused({ client_id: id, code: "too_long", detail: "Too long." });
  outbox.retry(id);
  mock.timers.tick(1);
  assert.equal(sent.length, 2);
  outbox.refused({ client_id: id, code: "too_long", detail: "Too long." });
  outbox.discard(id);
  assert.deepEqual(states(), []);
  assert.deepEqual(store.keys(), []);
});

test("a message that had arrived long before its answer leaves at once", () => {
  const { outbox, states } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  outbox.posted({ client_id: id, seq: 3 }, 200);
  assert.deepEqual(states(), []);
});

test("two people in one browser do not see each other's words", () => {
  const area = new MemoryStorage();
  new Outbox({ store: new Store("outbox:alice", area), send() {} }).add("secret");
  const bobs = new Outbox({ store: new Store("outbox:bob", area), send() {} });
  assert.deepEqual(bobs.entries, []);
});

test("words that came too fast are kept, and go by themselves when the server said so", () => {
  const { outbox, sent, states, store } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  outbox.refused({ client_id: id, code: "too_fast", detail: "Slowly, please.", retry_ms: 30_000 });
  assert.deepEqual([outbox.entries[0].code, outbox.entries[0].detail], ["too_fast", "Slowly, please."]);
  mock.timers.tick(29_999);
  assert.equal(sent.length, 1);
  assert.deepEqual(store.keys(), [id]);
  mock.timers.tick(1);
  assert.equal(sent.length, 2);
  assert.deepEqual(states(), ["hello: sending"]);
});

test("words for one person are theirs over a reload too, and are gone from here when they have arrived", () => {
  const first = outboxOf();
  first.outbox.add("psst", BOB);
  const again = outboxOf(first.area);
  assert.deepEqual(again.outbox.entries.map(({ to }) => to), [BOB]);
  connect(again.outbox);
  assert.deepEqual(again.states(), ["psst: sending"]);
  again.outbox.delivered(again.outbox.entries[0]);
  assert.deepEqual(again.states(), []);
  assert.deepEqual(again.store.keys(), []);
});

test("while the site is read-only words are tried again, later and later, and at once when that is over", () => {
  const { outbox, sent, states } = outboxOf();
  connect(outbox);
  const { client_id: id } = outbox.add("hello");
  outbox.refused({ client_id: id, code: "read_only", detail: "Not now", retry_ms: 30_000 });
  assert.deepEqual(states(), ["hello: waiting"]);
  mock.timers.tick(29_000);
  assert.equal(sent.length, 1);
  outbox.resume();
  mock.timers.tick(1);
  assert.equal(sent.length, 2);
});

test("words are held for as long as their author wishes, in their order, and then go", () => {
  const { outbox, sent } = outboxOf(undefined, { holdMs: 3000 });
  connect(outbox);
  const first = outbox.add("one");
  mock.timers.tick(1000);
  outbox.add("two");
  assert.deepEqual(sent, []);
  mock.timers.tick(1999);
  assert.deepEqual(sent, []);
  mock.timers.tick(1);
  assert.deepEqual(sent.map(({ body }) => body), ["one"]);
  outbox.posted({ client_id: first.client_id, seq: 1 }, 1);
  mock.timers.tick(1000);
  assert.deepEqual(sent.map(({ body }) => body), ["one", "two"]);
});

test("words that are held can be taken back, the last ones first, until they go", () => {
  const { outbox, sent, store } = outboxOf(undefined, { holdMs: 3000 });
  connect(outbox);
  outbox.add("one");
  outbox.add("two");
  assert.equal(outbox.takeBack().body, "two");
  assert.equal(outbox.takeBack().body, "one");
  assert.equal(outbox.takeBack(), null);
  assert.deepEqual(store.keys(), []);
  const { client_id: id } = outbox.add("three");
  mock.timers.tick(3000);
  assert.equal(outbox.takeBack(id), null);
  assert.deepEqual(sent.map(({ body }) => body), ["three"]);
});

test("held words survive a reload, and go once when their author leaves", () => {
  const { outbox, area } = outboxOf(undefined, { holdMs: 3000 });
  connect(outbox);
  const { client_id: id } = outbox.add("one");
  const reloaded = outboxOf(area, { holdMs: 3000 });
  connect(reloaded.outbox);
  assert.deepEqual(reloaded.sent, []);
  assert.deepEqual(reloaded.outbox.release().map((entry) => entry.client_id), [id]);
  assert.deepEqual(reloaded.sent, [{ id, body: "one" }]);
  assert.deepEqual(reloaded.outbox.release(), []);
  // The page that comes after it holds it no more.
  const after = outboxOf(area, { holdMs: 3000 });
  connect(after.outbox);
  assert.deepEqual(after.sent, [{ id, body: "one" }]);
});

test("files and words that somebody does not hold go at once, and no clock holds anything for long", () => {
  const { outbox, sent } = outboxOf(undefined, { holdMs: 3000 });
  connect(outbox);
  outbox.add("", null, { attachment: { id: "file" } });
  assert.equal(sent.length, 1);
  outbox.posted({ client_id: sent[0].id, seq: 1 }, 1);
  outbox.add("one");
  mock.timers.setTime(Date.now() - A_MINUTE_MS);
  outbox.resume();
  mock.timers.tick(1);
  assert.equal(sent.length, 2);
});
