"""Which Chatsite this is: ``pyproject.toml`` says it, and nothing else does (docs/releasing.md)."""

import platform
import tomllib
from pathlib import Path

import django

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
VERSION: str = tomllib.loads(PROJECT.read_text())["project"]["version"]


def sentence() -> str:
    """Return what to write into a report of a mistake."""
    return f"Chatsite {VERSION} on Django {django.get_version()} and Python {platform.python_version()}."
