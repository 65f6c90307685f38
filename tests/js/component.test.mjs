import assert from "node:assert/strict";
import { test } from "node:test";

import { Component } from "../../static/js/lib/component.js";

class Counter extends Component {
  static targets = ["count"];
  static needs = ["step", "later"];
}

test("a part has its targets and what it needs, under their names", () => {
  const page = { targets: { count: "the element", other: "another" }, step: 3 };
  const counter = new Counter(page);
  assert.deepEqual([counter.countTarget, counter.step, counter.otherTarget], ["the element", 3, undefined]);
});

test("two parts may need each other: a need is looked up when it is used", () => {
  const page = { targets: {} };
  const counter = new Counter(page);
  assert.equal(counter.later, undefined);
  page.later = "made after it";
  assert.equal(counter.later, "made after it");
});
