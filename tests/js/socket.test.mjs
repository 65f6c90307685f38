import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Socket } from "../../static/js/connection/socket.js";
import { row } from "./cast.mjs";

const LONGEST_WAIT_MS = 15_000;
const WELCOME = { type: "welcome", head: 5 };

/** A WebSocket whose other end is the test. */
class FakeWebSocket {
  static OPEN = 1;
  static all = [];

  readyState = 1;
  sent = [];

  constructor(url) {
    this.url = new URL(url);
    FakeWebSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  say(...events) {
    this.onmessage?.({ data: JSON.stringify(events) });
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

beforeEach(() => {
  globalThis.location = { href: "https://chat.example/rooms/r/" };
  FakeWebSocket.all = [];
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_790_000_000_000 });
});
afterEach(() => mock.timers.reset());

function started({ cursor = { seq: 5, hash: "abc" }, WebSocket = FakeWebSocket } = {}) {
  const socket = new Socket({ path: "/ws/rooms/r/", cursor: () => cursor, WebSocket });
  const heard = [];
  for (const name of ["up", "down", "ended", "failed"]) {
    socket.addEventListener(name, ({ detail }) => heard.push(detail === undefined || detail === null ? name : [name, detail]));
  }
  socket.addEventListener("events", ({ detail }) => heard.push(detail.map(({ type }) => type).join()));
  socket.start();
  return { socket, heard, last: () => FakeWebSocket.all.at(-1) };
}

test("it asks for what comes after the last row that the page has", () => {
  const { last } = started();
  assert.equal(last().url.href, "wss://chat.example/ws/rooms/r/?v=1&after=5&hash=abc");
});

test("a page without rows asks for the newest ones", () => {
  const { last } = started({ cursor: { seq: 0, hash: "" } });
  assert.equal(last().url.search, "?v=1");
});

test("it is up after the page has heard the welcome", () => {
  const { heard, last } = started();
  last().say(WELCOME, { type: "message", ...row(6) });
  assert.deepEqual(heard, ["welcome,message", "up"]);
});

test("a dropped link comes back, within the longest wait", () => {
  const { heard, last } = started();
  last().say(WELCOME);
  last().drop();
  assert.equal(heard.at(-1), "down");
  mock.timers.tick(LONGEST_WAIT_MS);
  assert.equal(FakeWebSocket.all.length, 2);
  last().say(WELCOME);
  assert.equal(heard.at(-1), "up");
});

test("try again now does not wait, and opens one link only", () => {
  const { socket, last } = started();
  last().say(WELCOME);
  last().drop();
  socket.retryNow();
  socket.retryNow();
  mock.timers.tick(LONGEST_WAIT_MS / 3);
  assert.equal(FakeWebSocket.all.length, 2);
});

test("failures before a welcome are counted", () => {
  const { heard, last } = started();
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  last().drop();
  assert.deepEqual(heard.filter((event) => event[0] === "failed"), [["failed", 1], ["failed", 2]]);
});

test("a browser that refuses to open one counts as a failure", () => {
  const { heard } = started({
    WebSocket: class {
      constructor() {
        throw new Error("no");
      }
    },
  });
  assert.deepEqual(heard, ["down", ["failed", 1]]);
});

test("a bye without a time to come back ends it", () => {
  const { heard, last } = started();
  last().say(WELCOME);
  last().say({ type: "bye", code: 4410, reason: "room_deleted", detail: "It is deleted.", retry_ms: null });
  last().drop(4410);
  mock.timers.tick(10 * LONGEST_WAIT_MS);
  assert.deepEqual(heard.at(-1), ["ended", { code: 4410, reason: "room_deleted", detail: "It is deleted.", room: null }]);
  assert.equal(FakeWebSocket.all.length, 1);
});

test("a bye with a time to come back is kept to", () => {
  const { last } = started();
  last().say(WELCOME);
  last().say({ type: "bye", code: 4412, reason: "restarting", detail: "", retry_ms: 3000 });
  last().drop(4412);
  mock.timers.tick(2999);
  assert.equal(FakeWebSocket.all.length, 1);
  mock.timers.tick(501);
  assert.equal(FakeWebSocket.all.length, 2);
});

test("a refusal at the door says why, and the time to come back is kept to", () => {
  const { socket, heard, last } = started();
  const refused = [];
  socket.addEventListener("refused", ({ detail }) => refused.push(detail));
  const bye = { type: "bye", code: 4429, reason: "too_many_sockets", detail: "Close some.", retry_ms: 60_000 };
  last().say(bye);
  last().drop(4429);
  assert.deepEqual(refused, [bye]);
  assert.deepEqual(heard, ["bye", "down", ["failed", 1]]);
  mock.timers.tick(59_999);
  assert.equal(FakeWebSocket.all.length, 1);
  mock.timers.tick(501);
  assert.equal(FakeWebSocket.all.length, 2);
  last().say(WELCOME);
  last().say({ ...bye, code: 4412, retry_ms: 500 });
  last().drop(4412);
  assert.equal(refused.length, 1);
});

test("a link on which nothing is heard is given up", () => {
  const { heard, last } = started();
  last().say(WELCOME);
  mock.timers.tick(30_000);
  last().say({ type: "head", seq: 5 });
  mock.timers.tick(40_000);
  assert.equal(heard.includes("down"), false);
  mock.timers.tick(8000);
  assert.equal(heard.at(-1), "down");
});

test("a post without an answer gives the link up", () => {
  const { socket, heard, last } = started();
  last().say(WELCOME);
  socket.post({ client_id: "c", body: "hello" });
  assert.deepEqual(last().sent, [{ type: "post", client_id: "c", body: "hello" }]);
  mock.timers.tick(20_000);
  assert.equal(heard.at(-1), "down");
});

test("what has arrived is acknowledged within five seconds", () => {
  const { last } = started();
  last().say(WELCOME, { type: "message", ...row(6) }, { type: "message", ...row(7) });
  mock.timers.tick(5000);
  assert.deepEqual(last().sent, [{ type: "ack", seq: 7 }]);
});

test("two hundred messages are acknowledged at once", () => {
  const { last } = started();
  last().say(WELCOME, ...Array.from({ length: 200 }, (_, index) => ({ type: "message", ...row(6 + index) })));
  assert.deepEqual(last().sent, [{ type: "ack", seq: 205 }]);
});

test("who went to another room is told which, and nothing comes back by itself", () => {
  const { socket, heard, last } = started();
  const room = { id: "r2", name: "Coffee" };
  last().say(WELCOME);
  last().say({ type: "bye", code: 4409, reason: "elsewhere", detail: "", retry_ms: null, room });
  last().drop(4409);
  mock.timers.tick(10 * LONGEST_WAIT_MS);
  socket.wake({ isNewNetwork: true });
  assert.deepEqual(heard.at(-1), ["ended", { code: 4409, reason: "elsewhere", detail: "", room }]);
  assert.equal(FakeWebSocket.all.length, 1);
  socket.start();
  assert.equal(FakeWebSocket.all.length, 2);
});

test("who is away is away on the next link too", () => {
  const { socket, last } = started();
  last().say(WELCOME);
  socket.setAway(true);
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  last().say(WELCOME);
  assert.deepEqual(last().sent, [{ type: "away", away: true }]);
});
