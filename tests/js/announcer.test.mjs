import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Announcer } from "../../static/js/transcript/announcer.js";
import { useStrings } from "../../static/js/lib/strings.js";
import { ALICE, row, until } from "./cast.mjs";

const A_MINUTE_MS = 60_000;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_790_000_000_000 });
  const newMessages = { one: "{count} new message", other: "{count} new messages" };
  const sentences = { spoken: "{name}: {words}", files_sent: "Sent: {names}", somebody: "somebody" };
  useStrings({ ...sentences, new_messages: newMessages }, "en");
});
afterEach(() => mock.timers.reset());

function announcing() {
  const transcript = new EventTarget();
  const spoken = [];
  const place = {
    set textContent(text) {
      spoken.push(text);
    },
  };
  const privateMessages = new EventTarget();
  const targets = { announcer: place };
  const announcer = new Announcer({ targets, transcript, user: ALICE, blockedUsers: new Set(), privateMessages });
  const come = (...rows) => transcript.dispatchEvent(Object.assign(new Event("drawn"), { detail: rows }));
  const deliver = (entry) => privateMessages.dispatchEvent(Object.assign(new Event("delivered"), { detail: entry }));
  return { spoken, come, deliver, say: (sentence) => announcer.say(sentence) };
}

test("a message is read out with its author", async () => {
  const { spoken, come } = announcing();
  come(row(6, { body: "hello" }));
  mock.timers.tick(500);
  await until(() => spoken.length);
  assert.deepEqual(spoken, ["bob: hello"]);
});

test("one's own words and what people did are not read out", () => {
  const { spoken, come } = announcing();
  come(row(6, { author: ALICE }), row(7, { kind: "joined", body: "" }));
  mock.timers.tick(A_MINUTE_MS);
  assert.deepEqual(spoken, []);
});

test("ten messages a second for a minute are some fifteen short sentences", async () => {
  const { spoken, come } = announcing();
  for (let seq = 1; seq <= 600; seq += 1) {
    come(row(seq));
    mock.timers.tick(100);
  }
  // The last of what was gathered.
  mock.timers.tick(A_MINUTE_MS);
  await until(() => spoken.at(-1)?.endsWith("messages"));
  assert.ok(spoken.length >= 10 && spoken.length <= 16, String(spoken.length));
  assert.match(spoken[3], /^(39|40|41) new messages$/);
});

test("a long message is cut short", async () => {
  const { spoken, come } = announcing();
  come(row(6, { body: "word ".repeat(1000) }));
  mock.timers.tick(500);
  await until(() => spoken.length);
  assert.ok(spoken[0].length < 220);
});

test("of one's own only files are read out, when all have them", async () => {
  const { spoken, come, deliver } = announcing();
  const file = (name) => ({ author: ALICE, kind: "file", body: "", attachment: { name } });
  come(row(6, file("sky.png")), row(7, file("notes.txt")));
  mock.timers.tick(500);
  deliver({ body: "for you", attachment: { name: "plan.pdf" } });
  deliver({ body: "words alone", attachment: null });
  await until(() => spoken.length === 1);
  mock.timers.tick(4000);
  await until(() => spoken.length === 2);
  assert.deepEqual(spoken, ["Sent: sky.png and notes.txt", "Sent: plan.pdf"]);
});

test("what else happens is read out in its turn, and nothing is left to be met again", async () => {
  const { spoken, come, say } = announcing();
  say("Connected again.");
  come(row(6, { body: "hello" }));
  mock.timers.tick(500);
  await until(() => spoken.length === 1);
  for (let round = 0; round < 10; round += 1) mock.timers.tick(4000);
  await until(() => spoken.length === 2);
  assert.deepEqual(spoken, ["Connected again.\nbob: hello", ""]);
});
