// The beginning of a text, fetched when it comes into view.

import { say } from "../lib/strings.js";

const addresses = new WeakMap();
let observer = null;

export function previewWhenSeen(place, url) {
  addresses.set(place, url);
  observer ??= new IntersectionObserver(seen, { rootMargin: "200px" });
  observer.observe(place);
}

function seen(entries) {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    show(target);
  }
}

async function show(place) {
  try {
    const answer = await fetch(addresses.get(place), { credentials: "same-origin" });
    place.textContent = answer.ok ? await answer.text() : say("no_preview");
  } catch {
    place.textContent = say("no_preview");
  }
}
