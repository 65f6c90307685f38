import assert from "node:assert/strict";
import { test } from "node:test";

import { toHtml } from "../../static/js/transcript/markdown.js";

const shows = (text, html) => assert.equal(toHtml(text).trim(), html);

test("bold, italics, code and line breaks", () => {
  shows("**b** *i* `c`\nnext", "<p><strong>b</strong> <em>i</em> <code>c</code><br>\nnext</p>");
});

test("a code block keeps what is in it", () => {
  shows("```\nif x < 1:\n    **y**\n```", "<pre><code>if x &lt; 1:\n    **y**\n</code></pre>");
});

test("quotes and lists", () => {
  assert.match(toHtml("> q\n\n- a\n- b\n\n2. c"), /<blockquote>[^]*<ul>[^]*<ol start="2">/);
});

test("HTML that somebody typed is text", () => {
  shows("<b onclick=x>b</b>", "<p>&lt;b onclick=x&gt;b&lt;/b&gt;</p>");
  assert.doesNotMatch(toHtml("<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>"), /<(?:script|img)/);
});

test("entities stay as they were typed", () => {
  shows("&lt;b&gt; &copy;", "<p>&amp;lt;b&amp;gt; &amp;copy;</p>");
});

test("links lead to web and mail only", () => {
  shows("[a](https://example.org/)", '<p><a href="https://example.org/">a</a></p>');
  shows("[a](mailto:a@example.org)", '<p><a href="mailto:a@example.org">a</a></p>');
  for (const address of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "/rooms/", "//x.org"]) {
    assert.doesNotMatch(toHtml(`[a](${address}) <${address}>`), /<a/, address);
  }
});

test("an address in the text is a link, a file's name is not", () => {
  shows("https://example.org/a_b_c", '<p><a href="https://example.org/a_b_c">https://example.org/a_b_c</a></p>');
  shows("setup.py notes.md", "<p>setup.py notes.md</p>");
});

test("a link cannot break out of its attribute", () => {
  assert.doesNotMatch(toHtml('[a](https://x.org/"onmouseover="alert(1))'), /"\s*onmouseover=/);
  assert.doesNotMatch(toHtml('https://x.org/"onmouseover="alert(1)'), /" ?onmouseover=/);
});

test("pictures, tables, headings and rules are not drawn", () => {
  assert.doesNotMatch(toHtml("![i](https://x.org/i.png)\n\n# h\n\nh\n---\n\na|b\n:-|-:\n1|2\n\n***"), /<(?:img|table|h\d|hr)|style=/);
});

test("no words vanish", () => {
  for (const text of ["[a]: https://example.org", "# title", "a\n===", "    indented"]) {
    for (const word of text.match(/\w+/g)) assert.ok(toHtml(text).includes(word), text);
  }
});

test("the deepest nesting and the longest runs end soon", () => {
  const began = Date.now();
  for (const text of [">".repeat(9999), "*a ".repeat(3333), "[".repeat(9999), "`".repeat(9999), "_".repeat(9999)]) toHtml(text);
  assert.ok(Date.now() - began < 5000);
});
