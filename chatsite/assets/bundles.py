"""A page's scripts as one file, and its style sheets: on a slow line each request costs more than what it brings.

Made when static files are collected; where nothing is collected (DEBUG) a browser loads the modules themselves. It
knows only the forms of ``import`` and ``export`` that our own files use; tests/js/page.test.mjs holds them to these.
"""

import posixpath
import re
from collections.abc import Callable, Iterable

# The text of a file, by its name below static/.
Read = Callable[[str], str]

IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
LATER_IMPORT = re.compile(r'\bimport\("([^"]+)"\)')
EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
# On lines of their own, as we write them; a licence (/*! … */) stays.
SCRIPT_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
STYLE_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


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
    """Return the module ``entry`` with all that it imports before it, each in a scope of its own."""
    written: dict[str, str] = {}

    def write(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            raise ValueError(f"{name} imports itself, by way of {' and '.join(importers)}.")
        if name in written:
            return
        source = read(name)
        for _, target in IMPORT.findall(source):
            write(resolve(name, target), (*importers, name))
        written[name] = in_scope(name, source, entry)

    write(entry, ())
    exports = ", ".join(exported(read(entry)))
    last = f"export const {{ {exports} }} = {variable(entry)};\n" if exports else ""
    return "".join(written.values()) + last


def in_scope(name: str, source: str, entry: str) -> str:
    def take(match: re.Match[str]) -> str:
        names, target = match.groups()
        return f"const {{ {names} }} = {variable(resolve(name, target))};\n" if names else ""

    def take_later(match: re.Match[str]) -> str:
        path = posixpath.relpath(resolve(name, match[1]), posixpath.dirname(entry))
        return f'import("{path if path.startswith(".") else f"./{path}"}")'

    body = EXPORT.sub(r"\1", LATER_IMPORT.sub(take_later, IMPORT.sub(take, source)))
    if name.startswith("js/"):
        body = INDENT.sub("", SCRIPT_COMMENT.sub("", body))
    return f"const {variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exported(source))} }};\n}})();\n"


def exported(source: str) -> list[str]:
    return [name for _, name in EXPORT.findall(source)]


def variable(name: str) -> str:
    return re.sub(r"\W", "_", name)


def bundle_style(name: str, read: Read) -> str:
    """Return the style sheet with those that it imports in their places. All are in one folder, for their ``url()``."""

    def take(match: re.Match[str]) -> str:
        return bundle_style(resolve(name, match[1]), read)

    return INDENT.sub("", STYLE_COMMENT.sub("", STYLE_IMPORT.sub(take, read(name))))


def resolve(name: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
