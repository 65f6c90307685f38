// A page whose parts stay true: it asks the server for itself again, and takes over the parts that have changed.

/**
 * Fetch the page `url`, which is this one, anew and replace each `[data-live="<name>"]` that has changed; false, with
 * nothing replaced, where there is no such page now, or one of other parts.
 */
export async function refresh(url) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/html" } });
  if (!response.ok || new URL(response.url).pathname !== new URL(url).pathname) return response.status >= 500;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (partsOf(fresh) !== partsOf(document)) return false;
  for (const part of document.querySelectorAll("[data-live]")) take(part, fresh);
  document.dispatchEvent(new Event("refreshed"));
  return true;
}

function partsOf(some) {
  return Array.from(some.querySelectorAll("[data-live]"), (part) => part.dataset.live).join();
}

function take(part, fresh) {
  const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
  if (same(part, next) || isInUse(part)) return;
  const focused = part.contains(document.activeElement) ? signOf(document.activeElement) : null;
  part.replaceChildren(...document.importNode(next, true).childNodes);
  if (focused) part.querySelector(focused)?.focus();
}

/** What is typed into is left alone: it is what somebody is about to send. */
function isInUse(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden], [readonly]), textarea")];
  return fields.some((field) => field === document.activeElement || field.value !== field.defaultValue);
}

function same(part, next) {
  return wordsOf(part) === wordsOf(next);
}

/** The part as text and addresses: the token that each page has anew is no change. */
function wordsOf(part) {
  const controls = [...part.querySelectorAll("[href], [action], button, input:not([name=csrfmiddlewaretoken])")];
  const signs = controls.map((node) => node.getAttribute("href") ?? node.getAttribute("action") ?? node.getAttribute("value"));
  return [part.textContent.replace(/\s+/g, " "), ...signs].join("\n");
}

/** A selector of the control that has the focus, to find it again in the new part. */
function signOf({ tagName, name, value, form }) {
  const own = `${tagName.toLowerCase()}${name ? `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]` : ""}`;
  return form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ${own}` : own;
}
