"""Which device a session is used from, in words, as far as its browser tells."""

import re

from django.utils.translation import gettext as _

# The first that fits: browsers name those whose kind they are too.
BROWSERS = [
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
]
SYSTEMS = [
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
]


def device_of(user_agent: str) -> str:
    """``Firefox on Linux``; a program that is no browser by the name that it gives itself."""
    return browser_of(user_agent) or user_agent.partition("/")[0][:40] or _("An unknown device")


def browser_of(user_agent: str) -> str:
    """The same, in words of ours alone; nothing for what is no browser that we know."""
    browser = first_that_fits(BROWSERS, user_agent)
    system = first_that_fits(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


def first_that_fits(names: list[tuple[str, str]], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")
