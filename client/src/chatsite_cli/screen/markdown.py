"""What people wrote, drawn as the site's pages draw it (static/js/transcript/markdown.js has the same rules)."""

import re
from functools import lru_cache
from typing import cast

from chatsite_client import safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown
from rich.syntax import Syntax
from rich.text import Text

RULES_LEFT_OUT = [
    "heading", "lheading", "hr", "table", "code", "reference", "html_block", "entity", "html_inline", "image",
]  # fmt: skip
SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# Where none of these is, nothing is Markdown, and most messages have none of them.
SIGNS = re.compile(r"[*_`~>\[\\]|^\s*(?:[-+]|\d+[.)])\s|https?://|\S@\S", re.MULTILINE)
MOST_NESTING = 10


class Code(CodeBlock):
    """A block of code without a background, so that its bubble is as wide as its longest line."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Syntax(
            str(self.text).rstrip(), self.lexer_name, theme=self.theme, word_wrap=True, background_color="default"
        )


class Words(Markdown):
    """Markdown of which nothing is obeyed by a terminal, and whose links show where they lead."""

    elements = {**Markdown.elements, "fence": Code}

    def __init__(self, tokens: list[Token], code_theme: str) -> None:
        super().__init__("", code_theme=code_theme, hyperlinks=False)
        self.parsed = tokens


@lru_cache(1)
def _parser() -> MarkdownIt:
    # Only a scheme makes a link: "setup.py" is a file here, not an address in Paraguay.
    parser = MarkdownIt("js-default", {"html": False, "linkify": True, "breaks": True, "maxNesting": MOST_NESTING})
    parser.disable(RULES_LEFT_OUT)
    assert parser.linkify
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    parser.validateLink = lambda url: bool(SAFE_LINK.match(url))  # type: ignore[method-assign]
    return parser


def words(text: str, code_theme: str) -> RenderableType:
    """Return what is drawn of a message."""
    if not SIGNS.search(text):
        return Text(safe.text(text))
    tokens = _parser().parse(text)
    if not _tamed(tokens):
        # What Markdown would show as nothing (a lone "-" or ">") stays as it was typed.
        return Text(safe.text(text))
    return Words(tokens, code_theme)


def links(text: str) -> list[str]:
    """Return the addresses that a message leads to, in its order."""
    opened = [token for token in _flat(_parser().parse(text)) if token.type == "link_open"]
    found = [safe.line(str(token.attrs.get("href", ""))) for token in opened]
    return [link for link in found if SAFE_LINK.match(link)]


def _tamed(tokens: list[Token]) -> bool:
    """Make each piece safe, after the parser has put its own characters in. Whether there are any words."""
    has_words = False
    for token in _flat(tokens):
        token.content = safe.text(token.content)
        if token.type == "softbreak":
            token.type = "hardbreak"
        if "href" in token.attrs:
            token.attrs["href"] = _where(cast(str, token.attrs["href"]))
        # The name of a language, which Rich looks up.
        token.info = safe.line(token.info, 40)
        has_words |= token.type in {"text", "code_inline", "fence"} and bool(token.content.strip())
    _without_doubled_addresses(tokens)
    return has_words


def _without_doubled_addresses(tokens: list[Token]) -> None:
    """A link whose words are its address needs it once."""
    for token in tokens:
        if token.children:
            token.children = list(_plain_links(token.children))


def _plain_links(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    place = 0
    while place < len(tokens):
        three = tokens[place : place + 3]
        if [token.type for token in three] == ["link_open", "text", "link_close"] and (
            three[1].content in {three[0].attrs["href"], str(three[0].attrs["href"]).removeprefix("mailto:")}
        ):
            kept.append(three[1])
            place += 3
        else:
            kept.append(tokens[place])
            place += 1
    return kept


def _flat(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *_flat(token.children or []))]


def _where(href: str) -> str:
    return safe.line(href, 300)
