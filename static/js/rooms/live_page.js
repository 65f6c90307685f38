// A page that stays true: it fetches itself again and takes over the parts that have changed.

import { showLocalTimes } from "../lib/local_times.js";

// What a link, a form or a field leads to or holds.
const VALUES = ["href", "action", "value"];

/**
 * Fetch this page, whose address is `url`, again and replace each `[data-live="<name>"]` that has changed. Promises
 * false, with nothing replaced, when the page is gone or has other parts now. Rejects where no answer comes.
 */
export async function refreshPage(url) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/html" } });
  if (!response.ok || new URL(response.url).pathname !== new URL(url).pathname) return response.status >= 500;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  showLocalTimes(fresh);
  if (partNamesOf(fresh) !== partNamesOf(document)) return false;
  for (const part of document.querySelectorAll("[data-live]")) replacePart(part, fresh);
  document.dispatchEvent(new Event("refreshed"));
  return true;
}

function partNamesOf(some) {
  return Array.from(some.querySelectorAll("[data-live]"), (part) => part.dataset.live).join();
}

function replacePart(part, fresh) {
  const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
  if (same(part, next) || isInUse(part)) return;
  const focused = part.contains(document.activeElement) ? selectorOf(document.activeElement) : null;
  part.replaceChildren(...document.importNode(next, true).childNodes);
  if (focused) part.querySelector(focused)?.focus();
}

/** A part with a field that somebody types into is left alone. */
function isInUse(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden], [readonly]), textarea")];
  return fields.some((field) => field === document.activeElement || field.value !== field.defaultValue);
}

function same(part, next) {
  return fingerprintOf(part) === fingerprintOf(next);
}

/** The part as text, addresses and values. The CSRF token, which is another one in each page, is no change. */
function fingerprintOf(part) {
  const controls = [...part.querySelectorAll("[href], [action], button, input:not([name=csrfmiddlewaretoken])")];
  const values = controls.map((node) => VALUES.map((name) => node.getAttribute(name)).find((value) => value !== null));
  return [part.textContent.replace(/\s+/g, " "), ...values].join("\n");
}

/** A selector of the control that has the focus, to find it in the new part. */
function selectorOf({ tagName, name, value, form }) {
  const own = `${tagName.toLowerCase()}${name ? `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]` : ""}`;
  return form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ${own}` : own;
}
