import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Poller } from "../../static/js/connection/poller.js";
import { row, settled } from "./cast.mjs";

const A_SECOND_MS = 1000;
const EMPTY = { messages: [], head: 5, more: false, reset: false, presence: null };
const URLS = { messages: "/api/rooms/r/messages", read: "/api/rooms/r/read" };

let asked;
let answers;

/** The server: answers with what the test has laid out, and with nothing new after that. */
async function fakeFetch(url, { method = "GET", body }) {
  asked.push({ method, query: Object.fromEntries(new URL(url, "https://chat.example").searchParams), body });
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

async function started(...laidOut) {
  answers = laidOut;
  const poller = new Poller({ urls: URLS, cursor: () => ({ seq: 5, hash: "abc" }) });
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
  assert.equal(asked[0].query.after, "5");
  assert.equal(asked[0].query.hash, "abc");
  poller.stop();
});

test("it is here under one name, and names the list of people that it has", async () => {
  const present = { ...EMPTY, presence: { version: 7, people: [], count: 0 } };
  const { poller } = await started(present);
  await after(A_SECOND_MS);
  assert.equal("presence" in asked[0].query, false);
  assert.equal(asked[1].query.presence, "7");
  assert.equal(asked[0].query.here, asked[1].query.here);
  poller.stop();
});

test("what it hears is told as a socket would tell it", async () => {
  const { poller, heard } = await started({ ...EMPTY, messages: [row(6)], presence: { version: 1, people: [], count: 0 } });
  assert.deepEqual(heard, ["message,head,present", "up"]);
  poller.stop();
});

test("a full page is followed by the next one at once", async () => {
  const { poller } = await started({ ...EMPTY, messages: [row(6)], more: true });
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
  assert.deepEqual(heard, ["down", "head", "up"]);
  poller.stop();
});

test("who was removed is told so, and asks no more", async () => {
  const { heard } = await started({ status: 403, code: "removed", detail: "You were removed." });
  await after(10 * A_SECOND_MS);
  assert.deepEqual(heard, [{ code: 4403, reason: "removed", detail: "You were removed.", room: null }]);
  assert.equal(asked.length, 1);
});

test("a post is answered as on a socket, and looked for at once", async () => {
  const { poller, heard } = await started();
  answers = [{ status: 201, ...row(6) }];
  await poller.post({ client_id: "c", body: "hello" });
  await settled();
  assert.deepEqual(heard.slice(2), ["posted", "head"]);
  assert.deepEqual(JSON.parse(asked[1].body), { client_id: "c", body: "hello" });
  poller.stop();
});

test("after it is stopped nothing is heard", async () => {
  const { poller, heard } = await started();
  poller.stop();
  await after(10 * A_SECOND_MS);
  assert.equal(asked.length, 1);
  assert.equal(heard.length, 2);
});

test("who went to another room is told which, and asks no more until they come back, under another name", async () => {
  const room = { id: "r2", name: "Coffee" };
  const { poller, heard } = await started(EMPTY, { status: 409, code: "elsewhere", detail: "You went away.", room });
  await after(10 * A_SECOND_MS);
  assert.deepEqual(heard.at(-1), { code: 4409, reason: "elsewhere", detail: "You went away.", room });
  assert.equal(asked.length, 2);
  poller.start();
  await settled();
  assert.equal(asked.length, 3);
  assert.notEqual(asked[2].query.here, asked[0].query.here);
  poller.stop();
});

test("a post that came too fast says when to try again", async () => {
  const { poller } = await started();
  const errors = [];
  poller.addEventListener("events", ({ detail }) => errors.push(...detail.filter(({ type }) => type === "error")));
  answers = [{ status: 429, code: "too_fast", detail: "Slowly, please.", retry_after: 7 }];
  await poller.post({ client_id: "c", body: "hello" });
  assert.deepEqual(errors, [
    { type: "error", client_id: "c", code: "too_fast", detail: "Slowly, please.", retry_ms: 7000 },
  ]);
  poller.stop();
});

test("who is away says so with each question", async () => {
  const { poller } = await started();
  poller.setAway(true);
  await after(A_SECOND_MS);
  assert.equal(asked[1].query.away, "1");
  poller.stop();
});
