/** An element with a class and children; strings become text, never markup. */
export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** A button that submits no form; `content` is text or a node. */
export function button(className, content, onClick) {
  const node = element("button", className, content);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}

/** A button that opens a menu. The click is handled for all of them at once, and the arrow keys lead to them. */
export function menuButton(className, ...content) {
  const node = element("button", className, ...content);
  node.type = "button";
  node.setAttribute("aria-haspopup", "menu");
  return node;
}

/** The page's language, with the digits that the server writes, whichever others a language has. */
export function pageLanguage() {
  return `${document.documentElement.lang}-u-nu-latn`;
}

/** The JSON that the server wrote into a page (Django's json_script). */
export function pageJson(id, source = document) {
  return JSON.parse(source.getElementById(id).textContent);
}

/** Each element that has `data-target="name"`, by its name: `root` itself, and those in it. */
export function targetsOf(root) {
  const targets = {};
  if (root.dataset?.target) targets[root.dataset.target] = root;
  for (const node of root.querySelectorAll("[data-target]")) targets[node.dataset.target] = node;
  return targets;
}

/** The parts of a page that are another room's when the room changes: each `data-part="name"`, by its name. */
export function partsOf(source) {
  return Object.fromEntries(Array.from(source.querySelectorAll("[data-part]"), (part) => [part.dataset.part, part]));
}
