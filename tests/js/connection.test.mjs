import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Connection } from "../../static/js/connection/connection.js";
import { settled, until } from "./cast.mjs";

const A_MINUTE_MS = 60_000;
const WELCOME = [{ type: "welcome", mentions: 0, read_only: false }, { type: "welcome", room: { id: "r" }, head: 5 }];
const EMPTY = { rooms: [], more: false, moved: null, since: 1, read_only: false };
const URLS = {
  socket: "/ws/",
  poll: "/api/poll",
  messages: (room) => `/api/rooms/${room}/messages`,
  read: (room) => `/api/rooms/${room}/read`,
};
const TOO_MANY = { type: "bye", code: 4429, reason: "too_many_sockets", detail: "Close some.", retry_ms: A_MINUTE_MS };
const TOO_FAST = { type: "bye", code: 4429, reason: "too_fast", detail: "Wait a moment.", retry_ms: 1000 };

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

  refuse(bye) {
    this.say(bye);
    this.drop(bye.code);
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let polls;
let answer;

beforeEach(() => {
  polls = [];
  answer = EMPTY;
  FakeWebSocket.all = [];
  globalThis.WebSocket = FakeWebSocket;
  globalThis.location = { href: "https://chat.example/rooms/r/" };
  globalThis.document = Object.assign(new EventTarget(), { cookie: "", hidden: false });
  globalThis.addEventListener = () => {};
  globalThis.fetch = async (url, { body }) => {
    polls.push(JSON.parse(body));
    return { ok: true, status: 200, headers: new Headers(), json: async () => answer };
  };
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_790_000_000_000 });
});
afterEach(() => mock.timers.reset());

function started({ websockets = true, attends = false } = {}) {
  const connection = new Connection({ room: "r", urls: URLS, websockets, cursor: () => ({ seq: 5, hash: "abc" }) });
  const heard = [];
  for (const name of ["up", "down", "ended"]) connection.addEventListener(name, () => heard.push(name));
  if (attends) connection.attend();
  connection.start();
  return { connection, heard, last: () => FakeWebSocket.all.at(-1) };
}

async function after(ms) {
  mock.timers.tick(ms);
  await settled();
}

/** The poller has come and been answered. */
async function polling(connection) {
  await until(() => connection.mode === "polling" && polls.length > 0);
  await settled();
}

test("a page beyond as many as one may have live polls at once, and says why", async () => {
  const { connection, heard, last } = started();
  last().refuse(TOO_MANY);
  await polling(connection);
  assert.deepEqual([connection.mode, connection.why, polls.length], ["polling", "Close some.", 1]);
  assert.deepEqual(heard, ["down", "up"]);
  connection.stop();
});

test("it asks for a socket once a minute, and no more often", async () => {
  const { connection, heard, last } = started();
  last().refuse(TOO_MANY);
  await polling(connection);
  for (let seconds = 0; seconds < 59; seconds += 1) await after(1000);
  assert.equal(FakeWebSocket.all.length, 1);
  assert.equal(polls.length > 50, true);
  await after(1000);
  assert.equal(FakeWebSocket.all.length, 2);
  last().refuse(TOO_MANY);
  for (let seconds = 0; seconds < 59; seconds += 1) await after(1000);
  assert.equal(FakeWebSocket.all.length, 2);
  assert.deepEqual(heard, ["down", "up"]);
  await after(1000);
  last().say(...WELCOME);
  const asked = polls.length;
  await after(A_MINUTE_MS);
  assert.deepEqual([connection.mode, connection.why, polls.length], ["socket", "", asked]);
  connection.stop();
});

test("who only came too fast waits the moment that the site asks for", async () => {
  const { connection, last } = started();
  last().refuse(TOO_FAST);
  await after(999);
  assert.deepEqual([connection.mode, polls.length, FakeWebSocket.all.length], ["socket", 0, 1]);
  await after(501);
  assert.equal(FakeWebSocket.all.length, 2);
  last().say(...WELCOME);
  assert.equal(connection.mode, "socket");
  connection.stop();
});

test("a page without sockets polls from the beginning", async () => {
  const { connection, heard } = started({ websockets: false });
  await polling(connection);
  assert.deepEqual([heard, FakeWebSocket.all.length], [["up"], 0]);
  connection.stop();
});

test("the socket that comes up while the poller is fetched stays", async () => {
  const { connection, last } = started();
  last().drop();
  await after(1000);
  last().drop();
  mock.timers.tick(1000);
  assert.equal(FakeWebSocket.all.length, 3);
  last().say(...WELCOME);
  await import("../../static/js/connection/poller.js");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([connection.mode, polls.length], ["socket", 0]);
  connection.stop();
});

test("who attends does so on the socket and by polling alike", async () => {
  const { connection, last } = started({ attends: true });
  assert.equal(last().url.searchParams.get("attend"), "1");
  last().refuse(TOO_MANY);
  await polling(connection);
  assert.equal(polls[0].attend, "r");
  await after(A_MINUTE_MS);
  assert.equal(last().url.searchParams.get("attend"), "1");
  connection.stop();
});

test("who has moved away attends neither by polling nor by a later socket, until they come back", async () => {
  const { connection, last } = started({ attends: true });
  last().say(...WELCOME, { type: "moved", room: "r2" });
  assert.deepEqual(last().sent, []);
  last().refuse({ ...TOO_MANY, code: 4412, retry_ms: 500 });
  await after(16_000);
  assert.equal(last().url.searchParams.get("attend"), null);
  last().refuse(TOO_MANY);
  await polling(connection);
  assert.equal("attend" in polls[0], false);
  connection.attend();
  await after(1000);
  assert.equal(polls.at(-1).attend, "r");
  answer = { ...EMPTY, moved: "r2" };
  await after(1000);
  answer = EMPTY;
  await after(1000);
  assert.equal("attend" in polls.at(-1), false);
  connection.stop();
});
