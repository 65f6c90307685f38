"""Which programs there are beside Python."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

# Debian's package, and what goes untested without it.
NEEDS = {
    "postgresql": "the rules are tested on SQLite only",
    "redis-server": "the tests with several processes are skipped",
    "chromium-headless-shell": "the tests in a browser are skipped",
    "gettext": "translations are not held against the sentences",
    "nginx": "the tests of a cluster are skipped",
    "build-essential": "the quick benchmarks are skipped",
    "pebble": "no certificate is got and renewed as from Let's Encrypt",
    "certbot": "nginx's certificate is not renewed",
    "caddy": "the site is not tried behind Caddy",
    "shellcheck": "the commands of the documents and of the trials are not read for mistakes",
}


def find(name: str) -> Path | None:
    """Return where a program of NEEDS is; of PostgreSQL, the folder of its programs."""
    if name == "postgresql":
        by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        initdb = by_version[-1] if by_version else which("initdb")
        return initdb.resolve().parent if initdb else None
    if name == "chromium-headless-shell":
        # Chromium without its windows, which takes a fifth less of the processor.
        return which(name, "chromium", "chromium-browser", "google-chrome")
    if name == "gettext":
        return which("xgettext")
    if name == "build-essential":
        return which("cc")
    return which(name)


def which(*names: str) -> Path | None:
    return next((Path(path) for name in names if (path := shutil.which(name))), None)


def need(name: str) -> Path:
    """Return where the program is, or skip the test; where nothing may be skipped, fail it."""
    path = find(name)
    if path is None:
        skip(f"{name} is not installed: {NEEDS[name]}.")
    return path


def skip(sentence: str) -> NoReturn:
    """Skip the test for want of something; where nothing may be skipped, fail it."""
    if os.environ.get("CHATSITE_NO_SKIPS"):
        pytest.fail(sentence)
    pytest.skip(sentence)
