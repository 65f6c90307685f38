// Which cookie shows our server that a request is this page's own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { csrfToken } from "../../static/js/lib/api.js";

test("the token is read by the name that this site's cookie has", () => {
  for (const [cookie, token] of [
    ["", ""],
    ["csrftoken=one", "one"],
    ["theme=dark; csrftoken=one", "one"],
    ["__Host-csrftoken=two; theme=dark", "two"],
    ["csrftoken=of-a-neighbour; __Host-csrftoken=two", "two"],
    ["xcsrftoken=three", ""],
  ]) {
    globalThis.document = { cookie };
    assert.equal(csrfToken(), token);
  }
});
