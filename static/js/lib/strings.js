// Every sentence that a script shows comes from the template's <script id="strings">, where translators find it.

let strings = {};
let language = "en";

export function useStrings(table, locale) {
  strings = table;
  language = locale;
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
  return key in strings;
}

export function list(names) {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}

function pick(key, values) {
  const entry = strings[key] ?? key;
  if (typeof entry === "string") return entry;
  return entry[new Intl.PluralRules(language).select(values.count)] ?? entry.other;
}

function fill(sentence, values, wrap = String) {
  return sentence.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? wrap(shown(values[part])) : part));
}

function shown(value) {
  return typeof value === "number" ? value.toLocaleString(language) : String(value);
}
