// Markdown as safe nodes. Two locks: markdown-it passes on no HTML that somebody typed, and DOMPurify lets only the few
// tags below through, whatever markdown-it wrote.

import "../../vendor/markdown-it/markdown-it.umd.min.js";
import "../../vendor/dompurify/purify.min.js";

// In a chat these would surprise: a "#1" that shouts, "---" that makes a title of the line above, a table with inline
// style, an indented line that turns into code, a "[a]: b" that vanishes, and "&amp;" that is shown as "&".
const RULES_LEFT_OUT = [
  ...["heading", "lheading", "hr", "table", "code", "reference", "html_block"],
  ...["entity", "html_inline", "image"],
];
const TAGS = ["p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"];
const ATTRIBUTES = ["href", "value"];
const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

const markdown = globalThis.markdownit({ html: false, linkify: true, breaks: true }).disable(RULES_LEFT_OUT);
// Links need their scheme: "setup.py" and "notes.md" are files here, not addresses in Paraguay and Moldova.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: true });
markdown.validateLink = (address) => SAFE_LINK.test(address);
// An info string ("```python") becomes a class, which DOMPurify would drop again.
markdown.options.langPrefix = "";
// Each item of a list keeps the number that was written: "3." and then "5." are not counted anew.
markdown.renderer.rules.list_item_open = (tokens, index, options, env, renderer) => {
  if (tokens[index].info) tokens[index].attrSet("value", tokens[index].info);
  return renderer.renderToken(tokens, index, options);
};

export function toHtml(text) {
  return markdown.render(text);
}

/** Return `text` as a document fragment. What Markdown would show as nothing (a lone "-" or ">") stays as it was typed. */
export function toNodes(text) {
  const purify = globalThis.DOMPurify;
  const nodes = purify.sanitize(toHtml(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: SAFE_LINK,
    // The number of an item of a list, which is no address to be looked at.
    ADD_URI_SAFE_ATTR: ["value"],
    RETURN_DOM_FRAGMENT: true,
  });
  if (!nodes.textContent.trim()) nodes.replaceChildren(text);
  for (const list of nodes.querySelectorAll("ol")) makeRoomForNumbers(list);
  for (const link of nodes.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  return nodes;
}

/** The browser lets a long number hang out of the list, and of the page. */
function makeRoomForNumbers(list) {
  const digits = Math.max(...Array.from(list.children, ({ value }) => String(value).length));
  list.style.paddingInlineStart = `calc(${digits}ch + 0.9em)`;
}
