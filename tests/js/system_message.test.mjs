// Which sentence tells what somebody did.

import assert from "node:assert/strict";
import { test } from "node:test";

import { useStrings } from "../../static/js/lib/strings.js";
import { sentenceKeyOf } from "../../static/js/transcript/system_message.js";
import { ALICE, BOB } from "./cast.mjs";

useStrings({ system_admin_revoked: "", system_admin_given_up: "", system_joined: "" }, "en");

test("who gives up the admin role has not taken it from themselves", () => {
  assert.equal(sentenceKeyOf({ kind: "admin_revoked", author: ALICE, subject: BOB }), "system_admin_revoked");
  assert.equal(sentenceKeyOf({ kind: "admin_revoked", author: ALICE, subject: { ...ALICE } }), "system_admin_given_up");
  // Deleted accounts are nobody, and not each other.
  assert.equal(sentenceKeyOf({ kind: "admin_revoked", author: null, subject: null }), "system_admin_revoked");
});

test("a kind that is newer than the page has a sentence too", () => {
  assert.equal(sentenceKeyOf({ kind: "joined", author: ALICE }), "system_joined");
  assert.equal(sentenceKeyOf({ kind: "sang", author: ALICE }), "system_unknown");
});
