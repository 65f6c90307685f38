"""A page's scripts as one file, and its style sheets: on a slow line each request costs more than what it brings.

Ours, because the bundlers (esbuild, Rollup) need Node, which no site has. Made when static files are collected; where
nothing is collected (DEBUG) a browser loads the modules themselves. It knows only the forms of ``import`` and
``export`` that our own files use; tests/js/page.test.mjs holds them to these.
"""

import posixpath
import re
from collections.abc import Callable, Iterable
from itertools import count
from string import ascii_lowercase

# The text of a file, by its name below static/.
Read = Callable[[str], str]

IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
LATER_IMPORT = re.compile(r'\bimport\("([^"]+)"\)')
EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
# On lines of their own, as we write them; a licence (/*! … */) stays.
SCRIPT_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
STYLE_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
STYLE_SPACE = re.compile(r"\s*([{};])\s*")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
BLANK_LINES = re.compile(r"\n{2,}")
# Spaces that nothing needs are around these. What is in a comment, a string, a template (with at most one in it) or a
# pattern stays: those are matched first. A sign of a sum may stand beside another one, and keeps its space.
NEEDLESS_SPACE = re.compile(
    r"""
      ( /\*(?s:.*?)\*/ | //[^\n]*\n
      | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
      | `(?:\\.|\$\{(?:[^`{}]|`[^`]*`|\{[^}]*\})*\}|[^`\\])*`
      | (?:(?<=[(=,:[!&|?{};\n])|(?<=[=,:&|?]\ )|(?<=return\ ))
        /(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+/[a-z]*
      )
    | \ ?([=(){},;:?<>*&|!]+)\ ? | (?<=[{;,(])\n+ | \n+(?=[)}])
    """,
    re.VERBOSE,
)
# What a module declares for itself alone, at the beginning of a line.
CONSTANT = re.compile(r"^const ([A-Z][A-Z0-9_]+) =", re.MULTILINE)
WORD = re.compile(r"\w+")
# Where a class declares a private member: at the beginning of a line, as we write them.
PRIVATE = re.compile(r"^[ \t]*(?:(?:static|async|get|set) |\*)*#(\w+)(?=[ (;=])", re.MULTILINE)


def bundles(names: Iterable[str], read: Read) -> dict[str, str]:
    """Return what each file that a page asks for becomes; the others are parts of these."""
    scripts = {name: read(name) for name in names if name.startswith("js/") and name.endswith(".js")}
    styles = {name: read(name) for name in names if name.startswith("css/") and name.endswith(".css")}
    parts = {resolve(name, target) for name, text in scripts.items() for _, target in IMPORT.findall(text)}
    parts |= {resolve(name, target) for name, text in styles.items() for target in STYLE_IMPORT.findall(text)}
    return {name: bundle_script(name, read) for name in scripts.keys() - parts} | {
        name: bundle_style(name, read) for name in styles.keys() - parts
    }


def bundle_script(entry: str, read: Read) -> str:
    """Return the module ``entry`` with all that it imports before it, each in a scope of its own.

    What they export is around these scopes, where importers find it: no two of them may export the same name.
    """
    written: dict[str, str] = {}
    exporters: dict[str, str] = {}

    def write(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            raise ValueError(f"{name} imports itself, by way of {' and '.join(importers)}.")
        if name in written:
            return
        source = read(name)
        for _, target in IMPORT.findall(source):
            write(resolve(name, target), (*importers, name))
        for export in exported(source):
            if export in exporters:
                raise ValueError(f"{export} is exported by {exporters[export]} and by {name}.")
            exporters[export] = name
        written[name] = in_scope(name, source, entry)

    write(entry, ())
    exports = ", ".join(exported(read(entry)))
    return "".join(written.values()) + (f"export {{ {exports} }};\n" if exports else "")


def in_scope(name: str, source: str, entry: str) -> str:
    def take_later(match: re.Match[str]) -> str:
        path = posixpath.relpath(resolve(name, match[1]), posixpath.dirname(entry))
        return f'import("{path if path.startswith(".") else f"./{path}"}")'

    # While it can be seen which of them are exported, and known to others.
    source = with_short_constants(source) if name.startswith("js/") else source
    body = EXPORT.sub(r"\1", LATER_IMPORT.sub(take_later, IMPORT.sub("", source)))
    if name.startswith("js/"):
        body = without_spaces(shortened(BLANK_LINES.sub("\n", INDENT.sub("", SCRIPT_COMMENT.sub("", body)))))
    exports = ", ".join(exported(source))
    if not exports:
        return f"(() => {{\n{body}\n}})();\n"
    return f"const {{ {exports} }} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n"


def without_spaces(source: str) -> str:
    return NEEDLESS_SPACE.sub(lambda match: match[1] or match[2] or "", source)


def shortened(source: str) -> str:
    """Give the private members of the classes names of a letter or two: nothing outside of the classes knows them."""
    names = {name: f"#{short_name(index)}" for index, name in enumerate(dict.fromkeys(PRIVATE.findall(source)))}
    if not names:
        return source
    known = "|".join(sorted(names, key=len, reverse=True))
    # A class declares one at the beginning of a line, and uses it after a dot.
    source = re.sub(rf"(?<=\.)#({known})\b", lambda match: names[match[1]], source)
    return PRIVATE.sub(lambda match: match[0].removesuffix(f"#{match[1]}") + names[match[1]], source)


def with_short_constants(source: str) -> str:
    """Give a module's own constants names of a letter or two. None of them is a key (tests/js/page.test.mjs)."""
    taken = set(WORD.findall(source))
    free = (name for index in count() if (name := short_name(index).upper()) not in taken)
    names = {name: next(free) for name in dict.fromkeys(CONSTANT.findall(source))}
    if not names:
        return source
    known = "|".join(sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![.\w\"])(?:{known})\b", lambda match: names[match[0]], source)


def short_name(index: int) -> str:
    letter = ascii_lowercase[index % 26]
    return letter if index < 26 else f"{short_name(index // 26 - 1)}{letter}"


def exported(source: str) -> list[str]:
    return [name for _, name in EXPORT.findall(source)]


def bundle_style(name: str, read: Read) -> str:
    """Return the style sheet with those that it imports in their places. All are in one folder, for their ``url()``."""

    def take(match: re.Match[str]) -> str:
        return bundle_style(resolve(name, match[1]), read)

    style = STYLE_COMMENT.sub("", STYLE_IMPORT.sub(take, read(name)))
    return STYLE_SPACE.sub(r"\1", INDENT.sub("", style)).replace(";}", "}")


def resolve(name: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
