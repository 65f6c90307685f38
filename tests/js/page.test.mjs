// What the room's template and its scripts must agree on.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const modules = readdirSync(new URL("static/js/", ROOT)).flatMap((folder) =>
  readdirSync(new URL(`static/js/${folder}/`, ROOT)).map((name) => `js/${folder}/${name}`),
);
const sources = Object.fromEntries(modules.map((path) => [path, read(`static/${path}`)]));
const strings = JSON.parse(
  read("templates/rooms/_strings.html")
    .replace(/^[^]*?json">/, "")
    .replace("</script>", "")
    .replace(/\{% filter escapejs %\}|\{% endfilter %\}|\{% if \w+ %\}|\{% endif %\}(?=\n)/g, "")
    .replace(/\{% translate "([^"]*)" %\}/g, "$1")
    .replace(
      /\{ \{% for category, n in plurals %\}.*?count n=n %\}([^"]*?)\{% plural %\}([^"]*?)\{% endblocktranslate.*?\{% endfor %\} \}/g,
      '{"one": "$1", "other": "$2"}',
    ),
);

// Only such lines are understood when the modules become one file (chatsite/assets/bundles.py).
test("every import is relative, names its file and what it takes, and stands on one line", () => {
  for (const [path, source] of Object.entries(sources)) {
    for (const line of source.match(/^[ \t]*import\b.*$/gm) ?? []) {
      assert.match(line, /^import (?:\{ \w+(?:, \w+)* \} from )?"\.{1,2}\/[\w./-]+\.js";$/, `${path}: ${line}`);
    }
  }
});

// chatsite/assets/bundles.py gives them short names.
test("a private member is declared at the beginning of a line, and used after a dot", () => {
  for (const [path, source] of Object.entries(sources)) {
    const declared = [...source.matchAll(/^[ \t]*(?:(?:static|async|get|set) |\*)*#(\w+)(?=[ (;=])/gm)].map(([, name]) => name);
    const used = [...source.matchAll(/\.#(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(new Set(used.filter((name) => !declared.includes(name))), new Set(), path);
    assert.doesNotMatch(source, /#\w+ in /, path);
  }
});

test("what is loaded later is named in the line that asks for it", () => {
  for (const [path, source] of Object.entries(sources)) {
    for (const [, name] of source.matchAll(/\bimport\(([^)]*)\)/g)) assert.match(name, /^"\.{1,2}\/[\w/]+\.js"$/, path);
  }
});

// It is a bundle of its own, with copies of what it imports: of what keeps nothing in mind, and never of the libraries.
test("what is loaded later brings no second copy of what the room's page keeps in mind, or of what is heavy", () => {
  const light =
    /^js\/(?:uploads\/\w+|connection\/(?:poller|posts)|dialogs\/(?:dialog_buttons|icons|key_commands|keys_dialog|letter_keys|menu|menu_items|message_bar|sheet|(?:ended|open)_dialog|message_dialogs)|room\/switcher|sidebar\/tab_icon|composer\/suggestions|transcript\/(?:announcements|spoken)|files\/(?:file_card|picture_viewer|save_file|sizes)|lib\/(?:api|backoff|combobox|component|dom|frame|ids|store|strings|users))\.js$/;
  for (const entry of ["composer/suggestions", "room/switcher", "sidebar/tab_icon", "connection/poller", "dialogs/ended_dialog", "dialogs/menu_items", "dialogs/key_commands", "transcript/announcements", "uploads/uploader", "files/save_file", "files/picture_viewer"]) {
    for (const path of importedBy(`js/${entry}.js`)) assert.match(path, light);
  }
});

function importedBy(path) {
  const targets = [...sources[path].matchAll(/^import [^"]*"([^"]+)";$/gm)].map(([, target]) => new URL(target, `file:///${path}`).pathname.slice(1));
  return new Set([path, ...targets.flatMap((target) => [...importedBy(target)])]);
}

test("every export is a function, a class or a constant with a name", () => {
  for (const [path, source] of Object.entries(sources)) {
    for (const line of source.match(/^[ \t]*export\b.*$/gm) ?? []) {
      assert.match(line, /^export (?:async function|function|class|const) \w+/, `${path}: ${line}`);
    }
  }
});

test("no string goes over several lines, where one of them could look like a comment", () => {
  for (const [path, source] of Object.entries(sources)) {
    for (const line of source.split("\n").filter((text) => !/^\s*(?:\/\/|\/?\*)/.test(text))) {
      assert.equal(line.split("`").length % 2, 1, `${path}: ${line}`);
    }
  }
});

test("no constant is a property by its own name, which the bundles make short", () => {
  for (const [path, source] of Object.entries(sources)) {
    for (const [, name] of source.matchAll(/^const ([A-Z][A-Z0-9_]+) =/gm)) {
      assert.doesNotMatch(source, new RegExp(`[{,]\\s*${name}:|\\{ ${name}[ ,]`), `${path}: ${name}`);
    }
  }
});

test("the formatter comes after the page, when somebody's words need it", () => {
  for (const [path, source] of Object.entries(sources)) assert.doesNotMatch(source, /from "[^"]*markdown\.js"/, path);
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

test("every target that a script uses is in the templates, and it declares each one that it uses", () => {
  const folders = ["templates/rooms/", "templates/account/"];
  const names = folders.flatMap((folder) => readdirSync(new URL(folder, ROOT)).map((name) => `${folder}${name}`));
  const pages = names.filter((name) => name.endsWith(".html")).map(read).join("");
  for (const [path, source] of Object.entries(sources)) {
    const used = [...source.matchAll(/\btargets\.(\w+)/g)].map(([, name]) => name);
    const names = declared(source, "targets");
    for (const name of [...names, ...used]) assert.ok(pages.includes(`data-target="${name}"`), `${path}: ${name}`);
    for (const [, name] of source.matchAll(/\bthis\.(\w+)Target\b/g)) assert.ok(names.includes(name), `${path}: ${name}`);
  }
});

test("what a part needs is in the page, and it declares what it uses", () => {
  const page = ["main", "room", "network", "page"].map((name) => sources[`js/room/${name}.js`]).join(" ");
  const served = ["room", "rooms", "present", "pins", "urls"];
  const all = new Set(Object.values(sources).flatMap((source) => declared(source, "needs")));
  for (const name of all) assert.ok(served.includes(name) || new RegExp(`\\b${name}\\b`).test(page), name);
  for (const [path, source] of Object.entries(sources).filter(([, text]) => text.includes("extends Component"))) {
    const used = [...source.matchAll(/\bthis\.(\w+)\b/g)].map(([, name]) => name).filter((name) => all.has(name));
    assert.deepEqual(new Set(used.filter((name) => !declared(source, "needs").includes(name))), new Set(), path);
  }
});

/** The names in a class's `static targets` or `static needs`. */
function declared(source, list) {
  const lists = [...source.matchAll(new RegExp(`static ${list} = \\[([^;]*)\\];`, "g"))];
  return lists.flatMap(([, names]) => [...names.matchAll(/"(\w+)"/g)].map(([, name]) => name));
}

test("no script writes markup or inline style", () => {
  for (const [path, source] of Object.entries(sources)) {
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setAttribute\("style"|eval\(/, path);
  }
});
