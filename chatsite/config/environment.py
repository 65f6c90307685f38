"""The environment as the settings read it: strictly, and told all at once.

On top of django-environ, which takes any word that it does not know for "off" and names no variable in its errors.
"""

import os
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from chatsite.config import values

# What the environment file may hold besides: what our libraries, Python and PostgreSQL's programs read.
FOREIGN = {"LANG", "LANGUAGE", "TZ", "PATH", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
FOREIGN_BEGIN = ("AWS_", "BOTO_", "LC_", "PG", "PYTHON", "SSL_")
# How much of a name must be that of a setting for it to be a slip: SITEURL and RATE_LIMIT are, REDIS_PORT is not.
LIKENESS = 0.88
READERS: dict[object, Callable[[str], Any]] = {
    None: str, str: str, bool: values.flag, int: values.whole(), float: values.decimal(), list: values.listed(str),
}  # fmt: skip


class WrongSettingsError(ImproperlyConfigured):
    """Says in one sentence for each what the settings are that cannot be used, and what they take."""


class Environment(environ.Env):
    """``env("PORT", values.whole(1, 65_535), default=8000)``: an unset variable, or an empty one, has its default.

    A value that its reader refuses has it, too, until ``refuse_wrong`` is called, when all have been read.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.wrong: list[str] = []

    def get_value(self, var: str, cast: Any = None, default: Any = None, parse_default: bool = False) -> Any:
        self.names.add(var)
        text = os.environ.get(var, "").strip()
        if not text:
            return default
        try:
            return (READERS.get(cast) or cast)(text)
        except ValueError as error:
            self.wrong.append(f"{var} {error}")
            return default

    def refuse_wrong(self) -> None:
        if self.wrong:
            raise WrongSettingsError("\n".join(self.wrong))

    def slips_in(self, given: Iterable[str]) -> dict[str, str]:
        """Return those of the names that are none of ours but look like one, each with the one that may be meant."""
        strange = [name for name in given if name not in self.names]
        likely = {name: get_close_matches(name.upper(), self.names, n=1, cutoff=LIKENESS) for name in strange}
        return {name: found[0] for name, found in likely.items() if found}

    def strangers_in(self, given: Iterable[str]) -> list[str]:
        """Return those of the names that nothing would read."""
        return [
            name
            for name in given
            if name not in self.names and name.upper() not in FOREIGN and not name.startswith(FOREIGN_BEGIN)
        ]
