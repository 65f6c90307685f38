import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Announcer } from "../../static/js/transcript/announcer.js";
import { useStrings } from "../../static/js/lib/strings.js";
import { ALICE, row } from "./cast.mjs";

const A_MINUTE_MS = 60_000;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_790_000_000_000 });
  const newMessages = { one: "{count} new message", other: "{count} new messages" };
  useStrings({ spoken: "{name}: {words}", new_messages: newMessages, somebody: "somebody" }, "en");
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
  new Announcer({ targets: { announcer: place }, transcript, user: ALICE, blockedUsers: new Set() });
  const come = (...rows) => transcript.dispatchEvent(Object.assign(new Event("drawn"), { detail: rows }));
  return { spoken, come };
}

test("a message is read out with its author", () => {
  const { spoken, come } = announcing();
  come(row(6, { body: "hello" }));
  mock.timers.tick(500);
  assert.deepEqual(spoken, ["bob: hello"]);
});

test("one's own words and what people did are not read out", () => {
  const { spoken, come } = announcing();
  come(row(6, { author: ALICE }), row(7, { kind: "joined", body: "" }));
  mock.timers.tick(A_MINUTE_MS);
  assert.deepEqual(spoken, []);
});

test("ten messages a second for a minute are some fifteen short sentences", () => {
  const { spoken, come } = announcing();
  for (let seq = 1; seq <= 600; seq += 1) {
    come(row(seq));
    mock.timers.tick(100);
  }
  assert.ok(spoken.length >= 10 && spoken.length <= 16, String(spoken.length));
  assert.match(spoken[3], /^(39|40|41) new messages$/);
});

test("a long message is cut short", () => {
  const { spoken, come } = announcing();
  come(row(6, { body: "word ".repeat(1000) }));
  mock.timers.tick(500);
  assert.ok(spoken[0].length < 220);
});
