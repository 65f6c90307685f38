"""Refuse an unsafe or broken set-up, and say what to set.

Errors keep the site from starting (see serve.py); what only a public site must heed waits for ``check --deploy``.
"""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def serious_problems() -> list[str]:
    """Return a sentence for each thing that must be mended before the site may start."""
    return [message.msg for message in checks.run_checks() if message.is_serious()]


def why_not_writable(folder: Path) -> str:
    """Return a sentence if nothing can be written into ``folder`` (which is made if it is missing), else nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Permissions do not tell it all (a read-only disk, a full one): try it.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return cannot_write(folder, error)
    return ""


def cannot_write(folder: object, error: OSError) -> str:
    return (
        f"Chatsite cannot write to its data folder {folder} ({error.strerror}): "
        "make it writable, or name another one in CHATSITE_DATA."
    )


@checks.register(Tags.files)
def data_folder_is_writable(**kwargs: Any) -> list[CheckMessage]:
    sentence = why_not_writable(settings.DATA)
    return [Error(sentence, id="chatsite.E001")] if sentence else []


@checks.register(Tags.security)
def debug_is_off_in_public(**kwargs: Any) -> list[CheckMessage]:
    if not (settings.PRODUCTION and settings.DEBUG):
        return []
    return [
        Error(
            "DEBUG is on and SITE_URL is a public address, so strangers would read the site's settings on its error "
            "pages: unset DEBUG.",
            id="chatsite.E003",
        )
    ]


@checks.register(Tags.security)
def hosts_are_named(**kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            'ALLOWED_HOSTS holds "*", which would let pages of any other site open sockets here in a person\'s name: '
            "set it to the names of this site, separated by commas.",
            id="chatsite.E004",
        )
    ]


@checks.register(Tags.security)
def machines_share_their_key(**kwargs: Any) -> list[CheckMessage]:
    if settings.SQLITE or settings.SECRET_KEY_GIVEN or not settings.PRODUCTION:
        return []
    return [
        Error(
            "SECRET_KEY is not set, so each machine would make its own and refuse the sessions of the others: set it "
            "to the same 50 or more random characters everywhere.",
            id="chatsite.E005",
        )
    ]


@checks.register(Tags.security)
def settings_have_their_names(**kwargs: Any) -> list[CheckMessage]:
    return [
        checks.Warning(
            f"{given} is set, which is no setting of the site: {meant} may be meant. Rename it, or unset it.",
            id="chatsite.W005",
        )
        for given, meant in settings.ENVIRONMENT.slips_in(os.environ).items()
    ]


@checks.register(Tags.security, deploy=True)
def key_is_given(**kwargs: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY_GIVEN or not (settings.SQLITE and settings.PRODUCTION):
        return []
    return [
        checks.Warning(
            f"SECRET_KEY is not set; the one kept in {settings.DATA} would be copied with every backup of that "
            "folder: set it to 50 or more random characters.",
            id="chatsite.W001",
        )
    ]


@checks.register(Tags.security, deploy=True)
def passwords_travel_encrypted(**kwargs: Any) -> list[CheckMessage]:
    if settings.PRODUCTION or urlsplit(settings.SITE_URL).hostname in LOOPBACK:
        return []
    return [
        checks.Warning(
            "SITE_URL does not begin with https, so passwords and messages travel readable by others: put a proxy "
            "with a certificate in front and set SITE_URL to its https address.",
            id="chatsite.W002",
        )
    ]


@checks.register(Tags.security, deploy=True)
def processes_can_share(**kwargs: Any) -> list[CheckMessage]:
    """One process may use SQLite and no Redis; several need PostgreSQL and Redis. One without the other is a slip."""
    if not settings.PRODUCTION or bool(settings.REDIS_URL) != settings.SQLITE:
        return []
    if settings.SQLITE:
        return [
            checks.Warning(
                "REDIS_URL is set, which several processes need, but the database is SQLite, in which they would count "
                "log-in attempts apart: set DATABASE_URL to a PostgreSQL database, or unset REDIS_URL.",
                id="chatsite.W003",
            )
        ]
    return [
        checks.Warning(
            "DATABASE_URL names a server but REDIS_URL is not set, so each process would show only its own people as "
            "present: set REDIS_URL, or run one process only.",
            id="chatsite.W004",
        )
    ]
