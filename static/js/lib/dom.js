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

/** The JSON that the server wrote into the page (Django's json_script). */
export function pageJson(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Each element in `root` that has `data-target="name"`, by its name. */
export function targetsOf(root) {
  const targets = {};
  for (const node of root.querySelectorAll("[data-target]")) targets[node.dataset.target] = node;
  return targets;
}
