/** An element with a class and children; strings become text, never markup. */
export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** The JSON that the server wrote into the page (Django's json_script). */
export function pageJson(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Each element in `root` that has `data-part="name"`, by its name. */
export function partsOf(root) {
  const parts = {};
  for (const node of root.querySelectorAll("[data-part]")) parts[node.dataset.part] = node;
  return parts;
}
