// Every sentence that a script shows is in <script id="strings"> (templates/rooms/_strings.html), for translators to find.
//
// This is ours: Django's JavaScriptCatalog is one more request before the first paint, and a first visit weighs 0.2 kB
// less (English) to 2.7 kB more (Arabic), gzipped; its JSONCatalog needs eval for plurals, which our pages forbid.

import { pageJson, pageLanguage } from "./dom.js";

// {strings, language}, read for the first sentence: a bundle that is loaded later may have its own copy of this module.
let catalog = null;

/** Use these sentences. Without this call the page's own are used, in its language. */
export function useStrings(strings, language) {
  catalog = { strings, language };
}

/** The sentence `key` with `values` in it. A `count` among them chooses the plural form of the page's language. */
export function say(key, values = {}) {
  return fill(pick(key, values), values).join("");
}

/** The same as nodes, with each value in a <bdi>: a name from right to left cannot reverse the rest of the sentence. */
export function sayNodes(key, values = {}) {
  return fill(pick(key, values), values, (value) => {
    const isolated = document.createElement("bdi");
    isolated.textContent = value;
    return isolated;
  });
}

export function knows(key) {
  return key in current().strings;
}

export function list(names) {
  return new Intl.ListFormat(current().language, { type: "conjunction" }).format(names);
}

/** A number in the page's language; `options` are those of `Intl.NumberFormat`, such as a unit. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(current().language, options).format(value);
}

function current() {
  if (catalog === null) useStrings(pageJson("strings"), pageLanguage());
  return catalog;
}

function pick(key, values) {
  const { strings, language } = current();
  const entry = strings[key] ?? key;
  if (typeof entry === "string") return entry;
  return entry[new Intl.PluralRules(language).select(values.count)] ?? entry.other;
}

function fill(sentence, values, wrap = String) {
  return sentence.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? filling(values[part], wrap) : part));
}

/** A value that is a node, such as a button with a name, stays one. */
function filling(value, wrap) {
  return value?.nodeType ? value : wrap(shown(value));
}

function shown(value) {
  return typeof value === "number" ? value.toLocaleString(current().language) : String(value);
}
