// Every sentence that a script shows comes from the template's <script id="strings">, where translators find it.

import { pageJson } from "./dom.js";

// {strings, language}. Read when the first sentence is wanted: what is loaded later may have its own copy of this module.
let words = null;

/** Say it with these; without this call, with the page's own, in its language. */
export function useStrings(strings, language) {
  words = { strings, language };
}

/** The sentence `key`; with a `count` in `values`, the form that this count takes in the page's language. */
export function say(key, values = {}) {
  return fill(pick(key, values), values).join("");
}

/** The same as nodes, with each value in a <bdi>, so that a right-to-left name cannot turn the sentence around. */
export function sayNodes(key, values = {}) {
  return fill(pick(key, values), values, (value) => {
    const isolated = document.createElement("bdi");
    isolated.textContent = value;
    return isolated;
  });
}

export function knows(key) {
  return key in spoken().strings;
}

export function list(names) {
  return new Intl.ListFormat(spoken().language, { type: "conjunction" }).format(names);
}

/** A number with its unit, as `Intl.NumberFormat` knows it. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(spoken().language, options).format(value);
}

function spoken() {
  if (words === null) useStrings(pageJson("strings"), document.documentElement.lang);
  return words;
}

function pick(key, values) {
  const { strings, language } = spoken();
  const entry = strings[key] ?? key;
  if (typeof entry === "string") return entry;
  return entry[new Intl.PluralRules(language).select(values.count)] ?? entry.other;
}

function fill(sentence, values, wrap = String) {
  return sentence.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? filling(values[part], wrap) : part));
}

/** What is a node already, such as a name that can be pressed, stays one. */
function filling(value, wrap) {
  return value?.nodeType ? value : wrap(shown(value));
}

function shown(value) {
  return typeof value === "number" ? value.toLocaleString(spoken().language) : String(value);
}
