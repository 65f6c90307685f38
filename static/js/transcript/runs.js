// Rows that belong together: those of who joined and left are one line, until it is opened; pictures are side by side.

import { button } from "../lib/dom.js";
import { list, say } from "../lib/strings.js";
import { nameOf } from "../lib/users.js";

const MOST_NAMED = 3;
// Two or three are in a line: the style sheet finds the beginning of each by the number modulo six.
const TILES = 6;

/** Fit the drawn rows, each [entry, row], to those beside them. `keepingPlace(change)` makes a later change. */
export function gatherRuns(drawn, keepingPlace) {
  let run = [];
  const end = () => {
    if (run.length) show(run, keepingPlace);
    run = [];
  };
  for (const [entry, row] of drawn) {
    const kind = kindOf(row);
    if (run.length && (kind !== run.kind || beginsAnew(entry, kind))) end();
    if (!kind) continue;
    run.kind = kind;
    run.push([entry, row]);
  }
  end();
}

function kindOf({ kind, body, to, attachment }) {
  if (kind === "joined" || kind === "left") return "moves";
  return attachment?.thumbnail_url && attachment.kind === "image" && !body && !to ? "pictures" : "";
}

/** Something stands above it, or somebody else says it. */
function beginsAnew(entry, kind) {
  if (kind === "pictures") return !entry.classList.contains("is-continued");
  return !entry.firstElementChild.matches("article, .gathered");
}

/** Entries that are what they were are left alone. */
function show(run, keepingPlace) {
  if (run.kind === "pictures") return showTiles(run);
  const [[first]] = run;
  const sentence = run.length > 1 ? sentenceOf(run.map(([, row]) => row)) : "";
  const isOpen = run.some(([entry]) => entry.matches("[aria-current], .is-opened"));
  for (const [entry] of run) {
    entry.classList.toggle("is-gathered", Boolean(sentence) && !isOpen);
    if (entry !== first || !sentence) entry.querySelector(":scope > .gathered")?.remove();
  }
  if (!sentence) return;
  const line = first.querySelector(":scope > .gathered") ?? lineIn(first);
  line.setAttribute("aria-expanded", String(isOpen));
  if (line.textContent !== sentence) line.textContent = sentence;
  line.onclick = () => {
    for (const [entry] of run) entry.classList.toggle("is-opened", !isOpen);
    keepingPlace(() => show(run, keepingPlace));
  };
}

function lineIn(entry) {
  const line = button("gathered", "", () => {});
  // The arrow keys lead to it.
  line.tabIndex = -1;
  entry.querySelector(":scope > .system-message").before(line);
  return line;
}

function sentenceOf(rows) {
  const sentences = ["joined", "left"].map((kind) => {
    const people = new Map(rows.filter((row) => row.kind === kind).map(({ author }) => [author?.id, author]));
    const names = Array.from(people.values(), (author) => (author ? nameOf(author) : say("somebody")));
    const rest = names.length - MOST_NAMED;
    const shown = rest > 0 ? [...names.slice(0, MOST_NAMED), say("others", { count: rest })] : names;
    return names.length ? say(`all_${kind}`, { names: list(shown), count: names.length }) : "";
  });
  return sentences.filter(Boolean).join(" ");
}

function showTiles(run) {
  for (const [index, [entry]] of run.entries()) {
    const tile = run.length > 1 && !entry.matches(".is-blocked") ? String(index % TILES) : "";
    if ((entry.dataset.tile ?? "") === tile) continue;
    if (tile) entry.dataset.tile = tile;
    else delete entry.dataset.tile;
  }
}
