import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Socket } from "../../static/js/connection/socket.js";
import { row } from "./cast.mjs";

const LONGEST_WAIT_MS = 15_000;
const GREETING = { type: "welcome", mentions: 0, read_only: false };
const WELCOME = [GREETING, { type: "welcome", room: { id: "r" }, head: 5 }];

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

function room(id, cursor = { seq: 5, hash: "abc" }) {
  return { id, cursor: () => cursor };
}

function message(seq, room = "r") {
  return { type: "message", room, ...row(seq) };
}

function started({ rooms = [room("r")], WebSocket = FakeWebSocket } = {}) {
  const socket = new Socket({ path: "/ws/", rooms, WebSocket });
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
  assert.equal(last().url.href, "wss://chat.example/ws/?v=2&enter=r&after=5&hash=abc");
});

test("a page without rows asks for the newest ones", () => {
  const { last } = started({ rooms: [room("r", { seq: 0, hash: "" })] });
  assert.equal(last().url.search, "?v=2&enter=r");
});

test("it is up after the page has heard the room's welcome", () => {
  const { heard, last } = started();
  last().say(GREETING);
  assert.deepEqual(heard, ["welcome"]);
  last().say(WELCOME[1], message(6));
  assert.deepEqual(heard, ["welcome", "welcome,message", "up"]);
});

test("a dropped link comes back, within the longest wait", () => {
  const { heard, last } = started();
  last().say(...WELCOME);
  last().drop();
  assert.equal(heard.at(-1), "down");
  mock.timers.tick(LONGEST_WAIT_MS);
  assert.equal(FakeWebSocket.all.length, 2);
  last().say(...WELCOME);
  assert.equal(heard.at(-1), "up");
});

test("try again now does not wait, and opens one link only", () => {
  const { socket, last } = started();
  last().say(...WELCOME);
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
  last().say(...WELCOME);
  last().say({ type: "bye", code: 4401, reason: "signed_out", detail: "You are signed out.", retry_ms: null });
  last().drop(4401);
  mock.timers.tick(10 * LONGEST_WAIT_MS);
  assert.deepEqual(heard.at(-1), ["ended", { code: 4401, reason: "signed_out", detail: "You are signed out." }]);
  assert.equal(FakeWebSocket.all.length, 1);
});

test("the end of the only room ends it, after the rows that led to it", () => {
  const { socket, heard, last } = started();
  last().say(...WELCOME);
  const end = { code: 4410, reason: "room_deleted", detail: "It is deleted." };
  last().say(message(6), { type: "ended", room: "r", ...end, retry_ms: null });
  assert.deepEqual(heard.slice(-2), ["message,ended", ["ended", end]]);
  socket.wake({ isNewNetwork: true });
  mock.timers.tick(10 * LONGEST_WAIT_MS);
  assert.equal(FakeWebSocket.all.length, 1);
});

test("a room that one may not enter ends it too", () => {
  const { heard, last } = started();
  last().say(GREETING, { type: "ended", room: "r", code: 4403, reason: "removed", detail: "No.", retry_ms: null });
  assert.deepEqual(heard, ["welcome,ended", ["ended", { code: 4403, reason: "removed", detail: "No." }]]);
});

test("a process of another version is tried again after growing pauses, before the page gives up", () => {
  const { heard, last } = started();
  const bye = { type: "bye", code: 4404, reason: "version", detail: "Reload.", retry_ms: null };
  const opened = [];
  for (const pauseMs of [1000, 3000, 9000]) {
    last().say(bye);
    last().drop(4404);
    const before = FakeWebSocket.all.length;
    mock.timers.tick(pauseMs - 1);
    opened.push(FakeWebSocket.all.length - before);
    mock.timers.tick(LONGEST_WAIT_MS);
    opened.push(FakeWebSocket.all.length - before);
  }
  assert.deepEqual(opened, [0, 1, 0, 1, 0, 1]);
  assert.equal(heard.some(([name]) => name === "failed" || name === "ended"), false);
  last().say(bye);
  last().drop(4404);
  assert.deepEqual(heard.at(-1), ["ended", { code: 4404, reason: "version", detail: "Reload." }]);
});

test("who meets the right process meanwhile has all tries again", () => {
  const { heard, last } = started();
  const bye = { type: "bye", code: 4404, reason: "version", detail: "Reload.", retry_ms: null };
  for (let times = 0; times < 3; times += 1) {
    last().say(bye);
    last().drop(4404);
    mock.timers.tick(2 * LONGEST_WAIT_MS);
  }
  last().say(...WELCOME);
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  last().say(bye);
  last().drop(4404);
  assert.equal(heard.at(-1), "down");
});

test("a bye with a time to come back is kept to", () => {
  const { last } = started();
  last().say(...WELCOME);
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
  last().say(...WELCOME);
  last().say({ ...bye, code: 4412, retry_ms: 500 });
  last().drop(4412);
  assert.equal(refused.length, 1);
});

test("a link on which nothing is heard is given up", () => {
  const { heard, last } = started();
  last().say(...WELCOME);
  mock.timers.tick(30_000);
  last().say({ type: "head", seq: 5 });
  mock.timers.tick(40_000);
  assert.equal(heard.includes("down"), false);
  mock.timers.tick(8000);
  assert.equal(heard.at(-1), "down");
});

test("a post without an answer gives the link up", () => {
  const { socket, heard, last } = started();
  last().say(...WELCOME);
  socket.post("r", { client_id: "c", body: "hello" });
  assert.deepEqual(last().sent, [{ type: "post", room: "r", client_id: "c", body: "hello" }]);
  mock.timers.tick(20_000);
  assert.equal(heard.at(-1), "down");
});

test("what has arrived is acknowledged within five seconds", () => {
  const { last } = started();
  last().say(...WELCOME, message(6), message(7));
  mock.timers.tick(5000);
  assert.deepEqual(last().sent, [{ type: "ack", room: "r", seq: 7 }]);
});

test("two hundred messages are acknowledged at once", () => {
  const { last } = started();
  last().say(...WELCOME, ...Array.from({ length: 200 }, (_, index) => message(6 + index)));
  assert.deepEqual(last().sent, [{ type: "ack", room: "r", seq: 205 }]);
});

test("reading and typing name their room, and typing counts only when it went out", () => {
  const { socket, last } = started();
  assert.equal(socket.typing("r"), false);
  last().say(GREETING);
  assert.equal(socket.typing("r"), false);
  last().say(WELCOME[1]);
  assert.equal(socket.typing("r"), true);
  socket.markRead("r", 5);
  last().readyState = 3;
  assert.equal(socket.typing("r"), false);
  assert.deepEqual(last().sent, [{ type: "typing", room: "r" }, { type: "read", room: "r", seq: 5 }]);
});

test("a page that attends says so in the address, and again on the next link", () => {
  const { socket, last } = started();
  socket.attend("r");
  assert.equal(last().url.searchParams.has("attend"), false);
  last().say(...WELCOME);
  assert.deepEqual(last().sent, [{ type: "attend", room: "r" }]);
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  assert.equal(last().url.searchParams.get("attend"), "1");
  last().say(...WELCOME);
  assert.deepEqual(last().sent, []);
});

test("who has moved goes on reading, and attends no more until told to", () => {
  const { socket, heard, last } = started();
  socket.attend("r");
  last().say(...WELCOME);
  last().say({ type: "moved", room: "r2" }, message(6));
  assert.equal(heard.at(-1), "moved,message");
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  assert.equal(last().url.searchParams.has("attend"), false);
  last().say(...WELCOME);
  assert.deepEqual(last().sent, []);
  socket.attend("r");
  assert.deepEqual(last().sent, [{ type: "attend", room: "r" }]);
});

test("who gives up attending while a link is opened that attends is made to leave by it", () => {
  const { socket, last } = started();
  socket.attend("r");
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  last().readyState = 0;
  socket.attend(null);
  last().readyState = 1;
  last().say(...WELCOME);
  assert.deepEqual(last().sent, [{ type: "attend", room: null }]);
});

test("of rooms that are not entered nothing is told but what is new in them", () => {
  const { heard, last } = started();
  last().say(...WELCOME);
  last().say(message(9, "r2"), { type: "unread", room: "r2", talk_count: 9 }, { type: "typing", room: "r2" });
  assert.equal(heard.at(-1), "unread");
});

test("several rooms of one link have their own places, acknowledgements and ends", () => {
  const { heard, last } = started({ rooms: [room("r"), room("r2", { seq: 7, hash: "def" })] });
  assert.equal(last().url.search, "?v=2&enter=r&after=5&hash=abc");
  last().say(...WELCOME);
  assert.deepEqual(last().sent, [{ type: "enter", room: "r2", after: 7, hash: "def" }]);
  assert.equal(heard.includes("up"), false);
  last().say({ type: "welcome", room: { id: "r2" }, head: 7 }, message(6), message(8, "r2"));
  assert.equal(heard.at(-1), "up");
  mock.timers.tick(5000);
  assert.deepEqual(last().sent.slice(1), [{ type: "ack", room: "r", seq: 6 }, { type: "ack", room: "r2", seq: 8 }]);
  last().say({ type: "ended", room: "r", code: 4403, reason: "left", detail: "", retry_ms: null }, message(7));
  last().say(message(9, "r2"));
  assert.deepEqual(heard.slice(-2), ["ended", "message"]);
});

test("a link without a room hears of all of them", () => {
  const { heard, last } = started({ rooms: [] });
  assert.equal(last().url.search, "?v=2");
  last().say(GREETING);
  last().say({ type: "unread", room: "r", talk_count: 3 }, { type: "rooms" });
  assert.deepEqual(heard, ["welcome", "up", "unread,rooms"]);
});

test("who is away is away on the next link too", () => {
  const { socket, last } = started();
  last().say(...WELCOME);
  socket.setAway(true);
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  last().say(...WELCOME);
  assert.deepEqual(last().sent, [{ type: "away", away: true }]);
});

const WELCOME_2 = { type: "welcome", room: { id: "r2" }, head: 7 };

/** Another room is shown: in this order, as the connection does it. */
function show(socket, from, to, cursor = { seq: 7, hash: "def" }) {
  socket.leave(from);
  socket.attend(to);
  socket.enter(room(to, cursor));
}

test("another room is entered on the same link, and attended when it is; the link does not come up again for that", () => {
  const { socket, heard, last } = started();
  socket.attend("r");
  last().say(...WELCOME);
  const before = last().sent.length;
  show(socket, "r", "r2");
  last().say(message(6), WELCOME_2, message(8, "r2"), { type: "posted", room: "r", client_id: "c", seq: 7 });
  assert.deepEqual(last().sent.slice(before), [
    { type: "leave", room: "r" },
    { type: "enter", room: "r2", after: 7, hash: "def" },
    { type: "attend", room: "r2" },
  ]);
  assert.deepEqual([heard.at(-1), heard.filter((name) => name === "up").length], ["welcome,message,posted", 1]);
  last().drop();
  mock.timers.tick(LONGEST_WAIT_MS);
  assert.equal(last().url.search, "?v=2&enter=r2&after=7&hash=def&attend=1");
});

test("of an earlier stay in a room nothing is told before the room's next welcome", () => {
  const { socket, heard, last } = started();
  last().say(...WELCOME);
  show(socket, "r", "r2");
  show(socket, "r2", "r", { seq: 6, hash: "ghi" });
  last().say(message(7), WELCOME_2, message(8, "r2"));
  assert.equal(heard.at(-1), "");
  last().say(WELCOME[1], message(7));
  assert.equal(heard.at(-1), "welcome,message");
  assert.equal(last().sent.at(-1).room, "r");
});

test("a room that is changed while a link is opened is the one that is entered", () => {
  const { socket, heard, last } = started();
  show(socket, "r", "r2");
  last().say(...WELCOME);
  assert.deepEqual(last().sent, [{ type: "enter", room: "r2", after: 7, hash: "def" }, { type: "leave", room: "r" }]);
  assert.deepEqual(heard, ["welcome"]);
  last().say(WELCOME_2);
  assert.deepEqual([heard.at(-1), last().sent.at(-1)], ["up", { type: "attend", room: "r2" }]);
});

test("who changes rooms faster than they may be entered is let in later", () => {
  const { socket, last } = started();
  last().say(...WELCOME);
  show(socket, "r", "r2");
  const before = last().sent.length;
  last().say({ type: "error", code: "too_fast", detail: "Slowly.", room: "r2", retry_ms: 800 });
  mock.timers.tick(799);
  assert.equal(last().sent.length, before);
  mock.timers.tick(1);
  assert.deepEqual(last().sent.slice(before), [{ type: "enter", room: "r2", after: 7, hash: "def" }]);
});
