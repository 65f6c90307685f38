import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Poller } from "../../static/js/connection/poller.js";
import { row, settled } from "./cast.mjs";

const A_SECOND_MS = 1000;
const ROOM = { room: "r", messages: [], head: 5, hash: "abc", more: false, reset: false, pins: null, presence: null, ended: null };
const EMPTY = { rooms: [], more: false, moved: null, since: null, read_only: false };
const URLS = {
  poll: "/api/poll",
  messages: (room) => `/api/rooms/${room}/messages`,
  read: (room) => `/api/rooms/${room}/read`,
};

let asked;
let answers;

/** The server: answers with what the test has laid out, and with nothing new after that. */
async function fakeFetch(url, { method, body }) {
  asked.push({ method, url, ...JSON.parse(body) });
  const { status = 200, headers = {}, ...answer } = answers.shift() ?? EMPTY;
  return { ok: status < 400, status, headers: new Headers(headers), json: async () => answer };
}

beforeEach(() => {
  asked = [];
  answers = [];
  globalThis.document = { cookie: "csrftoken=token" };
  globalThis.fetch = fakeFetch;
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_790_000_000_000 });
});
afterEach(() => mock.timers.reset());

/** The answer that tells this of the room. */
function news(more, whole = {}) {
  return { ...EMPTY, rooms: [{ ...ROOM, ...more }], ...whole };
}

async function started(...laidOut) {
  answers = laidOut;
  const poller = new Poller({ urls: URLS, rooms: [{ id: "r", cursor: () => ({ seq: 5, hash: "abc" }) }] });
  const heard = [];
  for (const name of ["up", "down", "ended"]) poller.addEventListener(name, ({ detail }) => heard.push(detail ?? name));
  poller.addEventListener("events", ({ detail }) => heard.push(detail.map(({ type }) => type).join()));
  poller.start();
  await settled();
  return { poller, heard };
}

async function after(ms) {
  mock.timers.tick(ms);
  await settled();
}

test("it asks once a second for what the page has not got", async () => {
  const { poller } = await started();
  await after(A_SECOND_MS);
  await after(A_SECOND_MS);
  assert.equal(asked.length, 3);
  const rooms = [{ room: "r", after: 5, hash: "abc", presence: null }];
  assert.deepEqual(asked[0], { method: "POST", url: "/api/poll", rooms, away: false });
  poller.stop();
});

test("it names the list of people that it has", async () => {
  const { poller } = await started(news({ presence: { version: 7, people: [], count: 0 } }));
  await after(A_SECOND_MS);
  assert.deepEqual(asked.map(({ rooms }) => rooms[0].presence), [null, 7]);
  poller.stop();
});

test("it attends under one name, and brings back since when", async () => {
  const { poller } = await started();
  poller.attend("r");
  answers = [{ ...EMPTY, since: 17.5 }];
  await after(A_SECOND_MS);
  await after(A_SECOND_MS);
  assert.deepEqual(asked.map(({ attend, since }) => [attend, since]), [[undefined, undefined], ["r", null], ["r", 17.5]]);
  assert.equal(asked[1].here, asked[2].here);
  poller.stop();
});

test("what it hears is told as a socket would tell it", async () => {
  const { poller, heard } = await started(news({ messages: [row(6)], presence: { version: 1, people: [], count: 0 } }));
  assert.deepEqual(heard, ["message,head,present", "up"]);
  poller.stop();
});

test("another log replaces what the page has", async () => {
  const { poller, heard } = await started(news({ messages: [row(1)], reset: true, more: true, pins: [] }));
  assert.deepEqual(heard, ["reset", "up"]);
  poller.stop();
});

test("where nothing is new, nothing is told", async () => {
  const { poller, heard } = await started();
  await after(A_SECOND_MS);
  assert.deepEqual(heard, ["up"]);
  poller.stop();
});

test("a full page is followed by the next one at once", async () => {
  const { poller } = await started(news({ messages: [row(6)], more: true }, { more: true }));
  await after(1);
  assert.equal(asked.length, 2);
  poller.stop();
});

test("a server that asks for patience gets it, and the page is not down", async () => {
  const { poller, heard } = await started({ status: 429, headers: { "Retry-After": "30" }, code: "too_fast", detail: "" });
  await after(29 * A_SECOND_MS);
  assert.equal(asked.length, 1);
  await after(2 * A_SECOND_MS);
  assert.equal(asked.length, 2);
  assert.equal(heard.includes("down"), false);
  poller.stop();
});

test("a server that is away takes the page down, and up again when it is back", async () => {
  const { poller, heard } = await started({ status: 502 });
  await after(10 * A_SECOND_MS);
  assert.deepEqual(heard, ["down", "up"]);
  poller.stop();
});

test("who was removed is told so, and asks no more", async () => {
  const end = { code: 4403, reason: "removed", detail: "You were removed." };
  const { heard } = await started(news({ ended: { ...end, retry_ms: null } }));
  await after(10 * A_SECOND_MS);
  assert.deepEqual(heard, ["ended", end]);
  assert.equal(asked.length, 1);
});

test("who is signed out is told so, and asks no more", async () => {
  const { heard } = await started({ status: 401, code: "signed_out", detail: "You are signed out." });
  await after(10 * A_SECOND_MS);
  assert.deepEqual(heard, [{ code: 4401, reason: "signed_out", detail: "You are signed out." }]);
  assert.equal(asked.length, 1);
});

test("a post is answered as on a socket, and looked for at once", async () => {
  const { poller, heard } = await started();
  answers = [{ status: 201, ...row(6) }, news({ messages: [row(6)] })];
  await poller.post("r", { client_id: "c", body: "hello" });
  await settled();
  assert.deepEqual(heard, ["up", "posted", "message,head"]);
  assert.deepEqual(asked[1], { method: "POST", url: "/api/rooms/r/messages", client_id: "c", body: "hello" });
  poller.stop();
});

test("after it is stopped nothing is heard", async () => {
  const { poller, heard } = await started();
  poller.stop();
  await after(10 * A_SECOND_MS);
  assert.equal(asked.length, 1);
  assert.deepEqual(heard, ["up"]);
});

test("who has moved goes on reading without attending, until they come back under another name", async () => {
  const { poller, heard } = await started();
  poller.attend("r");
  answers = [EMPTY, { ...EMPTY, moved: "r2" }, news({ messages: [row(6)] })];
  for (let times = 0; times < 4; times += 1) await after(A_SECOND_MS);
  assert.deepEqual(heard, ["up", "moved", "message,head"]);
  assert.deepEqual(asked.map(({ attend }) => attend), [undefined, "r", "r", undefined, undefined]);
  assert.equal("here" in asked[4], false);
  poller.attend("r");
  await after(A_SECOND_MS);
  assert.deepEqual([asked[5].attend, asked[5].since], ["r", null]);
  assert.notEqual(asked[5].here, asked[1].here);
  poller.stop();
});

test("who polls again attends under another name: meanwhile the socket did", async () => {
  const { poller } = await started();
  poller.attend("r");
  await after(A_SECOND_MS);
  poller.stop();
  poller.start();
  await settled();
  assert.equal(asked[2].attend, "r");
  assert.notEqual(asked[2].here, asked[1].here);
  poller.stop();
});

test("a post that came too fast says when to try again", async () => {
  const { poller } = await started();
  const errors = [];
  poller.addEventListener("events", ({ detail }) => errors.push(...detail.filter(({ type }) => type === "error")));
  answers = [{ status: 429, code: "too_fast", detail: "Slowly, please.", retry_after: 7 }];
  await poller.post("r", { client_id: "c", body: "hello" });
  assert.deepEqual(errors, [
    { type: "error", client_id: "c", code: "too_fast", detail: "Slowly, please.", retry_ms: 7000, room: "r" },
  ]);
  poller.stop();
});

test("who is away says so with each question", async () => {
  const { poller } = await started();
  poller.setAway(true);
  await after(A_SECOND_MS);
  assert.equal(asked[1].away, true);
  poller.stop();
});

test("another room is asked for at once, and of the one before nothing is told, not even what was on its way", async () => {
  const { poller, heard } = await started();
  poller.attend("r");
  answers = [news({ messages: [row(6)] }), { ...EMPTY, rooms: [{ ...ROOM, room: "r2", messages: [row(8)] }] }];
  mock.timers.tick(A_SECOND_MS);
  poller.leave("r");
  poller.attend("r2");
  poller.enter({ id: "r2", cursor: () => ({ seq: 7, hash: "def" }) });
  await settled();
  assert.deepEqual(heard, ["up"]);
  await after(A_SECOND_MS);
  assert.deepEqual(heard.slice(1), ["message,head"]);
  const { rooms, attend } = asked.at(-1);
  assert.deepEqual([rooms, attend], [[{ room: "r2", after: 7, hash: "def", presence: null }], "r2"]);
  poller.stop();
});
