import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Connection } from "../../static/js/connection/connection.js";
import { settled } from "./cast.mjs";

const A_MINUTE_MS = 60_000;
const WELCOME = { type: "welcome", head: 5 };
const EMPTY = { messages: [], head: 5, more: false, reset: false, presence: null };
const URLS = { socket: "/ws/rooms/r/", messages: "/api/rooms/r/messages", read: "/api/rooms/r/read" };
const TOO_MANY = { type: "bye", code: 4429, reason: "too_many_sockets", detail: "Close some.", retry_ms: A_MINUTE_MS };
const TOO_FAST = { type: "bye", code: 4429, reason: "too_fast", detail: "Wait a moment.", retry_ms: 1000 };

/** A WebSocket whose other end is the test. */
class FakeWebSocket {
  static OPEN = 1;
  static all = [];

  readyState = 1;

  constructor() {
    FakeWebSocket.all.push(this);
  }

  send() {}

  close() {
    this.readyState = 3;
  }

  say(...events) {
    this.onmessage?.({ data: JSON.stringify(events) });
  }

  refuse(bye) {
    this.say(bye);
    this.onclose?.({ code: bye.code });
  }
}

let polls;

beforeEach(() => {
  polls = 0;
  FakeWebSocket.all = [];
  globalThis.WebSocket = FakeWebSocket;
  globalThis.location = { href: "https://chat.example/rooms/r/" };
  globalThis.document = Object.assign(new EventTarget(), { cookie: "", hidden: false });
  globalThis.addEventListener = () => {};
  globalThis.fetch = async () => {
    polls += 1;
    return { ok: true, status: 200, headers: new Headers(), json: async () => EMPTY };
  };
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_790_000_000_000 });
});
afterEach(() => mock.timers.reset());

function started() {
  const connection = new Connection({ urls: URLS, websockets: true, cursor: () => ({ seq: 5, hash: "abc" }) });
  const heard = [];
  for (const name of ["up", "down", "ended"]) connection.addEventListener(name, () => heard.push(name));
  connection.start();
  return { connection, heard, last: () => FakeWebSocket.all.at(-1) };
}

async function after(ms) {
  mock.timers.tick(ms);
  await settled();
}

test("a page beyond as many as one may have live polls at once, and says why", async () => {
  const { connection, heard, last } = started();
  last().refuse(TOO_MANY);
  await settled();
  assert.deepEqual([connection.mode, connection.why, polls], ["polling", "Close some.", 1]);
  assert.deepEqual(heard, ["down", "up"]);
  connection.stop();
});

test("it asks for a socket once a minute, and no more often", async () => {
  const { connection, heard, last } = started();
  last().refuse(TOO_MANY);
  for (let seconds = 0; seconds < 59; seconds += 1) await after(1000);
  assert.equal(FakeWebSocket.all.length, 1);
  assert.equal(polls > 50, true);
  await after(1000);
  assert.equal(FakeWebSocket.all.length, 2);
  last().refuse(TOO_MANY);
  for (let seconds = 0; seconds < 59; seconds += 1) await after(1000);
  assert.equal(FakeWebSocket.all.length, 2);
  assert.deepEqual(heard, ["down", "up"]);
  await after(1000);
  last().say(WELCOME);
  const asked = polls;
  await after(A_MINUTE_MS);
  assert.deepEqual([connection.mode, connection.why, polls], ["socket", "", asked]);
  connection.stop();
});

test("who only came too fast waits the moment that the site asks for", async () => {
  const { connection, last } = started();
  last().refuse(TOO_FAST);
  await after(999);
  assert.deepEqual([connection.mode, polls, FakeWebSocket.all.length], ["socket", 0, 1]);
  await after(501);
  assert.equal(FakeWebSocket.all.length, 2);
  last().say(WELCOME);
  assert.equal(connection.mode, "socket");
  connection.stop();
});
