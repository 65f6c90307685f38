// The beginning of a text file, fetched when its place scrolls into view.

import { say } from "../lib/strings.js";

const addresses = new WeakMap();
let observer = null;

export function previewWhenSeen(node, url) {
  addresses.set(node, url);
  observer ??= new IntersectionObserver(seen, { rootMargin: "200px" });
  observer.observe(node);
}

function seen(entries) {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    show(target);
  }
}

async function show(node) {
  try {
    const answer = await fetch(addresses.get(node), { credentials: "same-origin" });
    node.textContent = answer.ok ? await answer.text() : say("no_preview");
  } catch {
    node.textContent = say("no_preview");
  }
}
