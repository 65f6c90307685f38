// What the room's template and its scripts must agree on.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const modules = ["lib", "room"].flatMap((folder) =>
  readdirSync(new URL(`static/js/${folder}/`, ROOT)).map((name) => `js/${folder}/${name}`),
);
const sources = Object.fromEntries(modules.map((path) => [path, read(`static/${path}`)]));
const strings = JSON.parse(
  read("templates/rooms/_strings.html")
    .replace(/^[^]*?json">/, "")
    .replace("</script>", "")
    .replace(/\{% filter escapejs %\}|\{% endfilter %\}/g, "")
    .replace(/\{% translate "([^"]*)" %\}/g, "$1")
    .replace(
      /\{ \{% for category, n in plurals %\}.*?count n=n %\}([^"]*?)\{% plural %\}([^"]*?)\{% endblocktranslate.*?\{% endfor %\} \}/g,
      '{"one": "$1", "other": "$2"}',
    ),
);

test("every module is preloaded, and none that is not there", () => {
  const preloaded = [...read("templates/rooms/_room_modules.html").matchAll(/static '(js\/[^']+)'/g)].map(([, path]) => path);
  assert.deepEqual(preloaded.toSorted(), modules.filter((path) => path !== "js/room/main.js").toSorted());
});

test("every import is relative, names its file, and ends with a semicolon", () => {
  // Only such lines are rewritten to the hashed names.
  for (const [path, source] of Object.entries(sources)) {
    for (const line of source.match(/^(?:import|\} from)\b.*$/gm) ?? []) {
      assert.match(line, /(?:\{$|"\.{1,2}\/[\w./-]+\.js";$)/, `${path}: ${line}`);
    }
    assert.doesNotMatch(source, /import\(/, path);
  }
});

test("every sentence that a script says is in the template", () => {
  for (const [path, source] of Object.entries(sources)) {
    const said = [...source.matchAll(/\b(?:say|sayNodes|sentenceOf)\(\s*"(\w+)"/g)].map(([, key]) => key);
    for (const key of said) assert.ok(key in strings, `${path}: ${key}`);
  }
});

test("every counted sentence has the forms one and other", () => {
  for (const forms of Object.values(strings)) {
    if (typeof forms !== "string") assert.deepEqual(Object.keys(forms), ["one", "other"]);
  }
});

test("every part that a script uses is in the templates", () => {
  const pages = readdirSync(new URL("templates/rooms/", ROOT)).map((name) => read(`templates/rooms/${name}`)).join("");
  const used = Object.values(sources).flatMap((source) => [...source.matchAll(/\bparts\.(\w+)/g)]);
  for (const [, part] of used) assert.ok(pages.includes(`data-part="${part}"`), part);
});

test("no script writes markup or inline style", () => {
  for (const [path, source] of Object.entries(sources)) {
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setAttribute\("style"|eval\(/, path);
  }
});
