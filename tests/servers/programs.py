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
    "firefox-esr": "nobody walks through the site with Firefox",
    "webkit2gtk-driver": "nobody walks through the site with WebKit, Safari's engine",
    "gir1.2-webkit2-4.1": "nobody walks through the site with WebKit, Safari's engine",
    "python3-gi": "nobody walks through the site with WebKit, Safari's engine",
    "xvfb": "nobody walks through the site with Firefox and WebKit",
    "openbox": "nobody walks through the site with Firefox and WebKit",
    "gettext": "translations are not held against the sentences",
    "nginx": "the tests of a cluster are skipped",
    "build-essential": "the quick benchmarks are skipped",
    "wrk": "the quick benchmarks are skipped",
    "pebble": "no certificate is got and renewed as from Let's Encrypt",
    "certbot": "nginx's certificate is not renewed",
    "caddy": "the site is not tried behind Caddy",
    "gnome-keyring": "the client's tokens are not kept in a real keyring",
    "tmux": "the client's screen is not tried in a real terminal",
    "shellcheck": "the commands of the documents and of the trials are not read for mistakes",
}

# The program of a package that has another name.
PROGRAMS = {
    "gettext": "xgettext", "build-essential": "cc", "webkit2gtk-driver": "WebKitWebDriver", "xvfb": "Xvfb",
}  # fmt: skip


def find(name: str) -> Path | None:
    """Return where a program of NEEDS is; of PostgreSQL, the folder of its programs."""
    if name == "postgresql":
        by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        initdb = by_version[-1] if by_version else which("initdb")
        return initdb.resolve().parent if initdb else None
    if name == "chromium-headless-shell":
        # Chromium without its windows, which takes a fifth less of the processor.
        return which(name, "chromium", "chromium-browser", "google-chrome")
    if name in PROGRAMS:
        return which(PROGRAMS[name])
    if name == "gir1.2-webkit2-4.1":
        return next(Path("/usr/lib").glob("*/girepository-1.0/WebKit2-4.1.typelib"), None)
    if name == "python3-gi":
        return next(Path("/usr/lib/python3/dist-packages").glob("gi/__init__.py"), None)
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
