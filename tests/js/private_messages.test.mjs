import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { usersCalled } from "../../static/js/lib/combobox.js";
import { PrivateMessages } from "../../static/js/composer/private_messages.js";
import { ALICE, BOB } from "./cast.mjs";

const ENTRY = { client_id: "c1", body: "psst", to: BOB };
const realFetch = globalThis.fetch;

globalThis.document ??= { cookie: "" };
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Answers each request in turn, and remembers what was asked. */
function answering(...answers) {
  const asked = [];
  globalThis.fetch = async (url, { body }) => {
    asked.push([url, JSON.parse(body)]);
    const { status, ...answer } = answers.shift();
    return { status, ok: status < 300, headers: new Headers(), json: async () => answer };
  };
  const told = [];
  const messages = new PrivateMessages({ directsUrl: "/directs", messagesUrl: (id) => `/rooms/${id}/messages` });
  for (const name of ["delivered", "refused"]) messages.addEventListener(name, ({ detail }) => told.push([name, detail]));
  return { asked, told, messages };
}

test("the direct room is opened once, and the message goes into it under its client_id", async () => {
  const { asked, told, messages } = answering({ status: 200, id: "t" }, { status: 201 }, { status: 201 });
  await messages.post(ENTRY);
  await messages.post({ ...ENTRY, client_id: "c2" });
  assert.deepEqual(asked, [
    ["/directs", { username: "bob" }],
    ["/rooms/t/messages", { client_id: "c1", body: "psst" }],
    ["/rooms/t/messages", { client_id: "c2", body: "psst" }],
  ]);
  assert.deepEqual(told.map(([name]) => name), ["delivered", "delivered"]);
});

test("a refusal is about the message, a busy server passes", async () => {
  const { told, messages } = answering({ status: 403, code: "blocked", detail: "Not possible." }, { status: 503 });
  await messages.post(ENTRY);
  await messages.post(ENTRY);
  const refusals = told.map(([name, { client_id: id, code, detail }]) => [name, id, code, detail]);
  assert.deepEqual(refusals, [["refused", "c1", "blocked", "Not possible."], ["refused", "c1", "try_again", ""]]);
});

test("people are found by both of their names, those first who are called so from the beginning", () => {
  const ada = { id: "d4", username: "ada", display_name: "Bobby's friend" };
  const rob = { id: "e5", username: "rob.bo", display_name: "rob.bo" };
  assert.deepEqual(usersCalled([rob, ALICE, ada, BOB], "@BO").map(({ username }) => username), ["ada", "bob", "rob.bo"]);
});
