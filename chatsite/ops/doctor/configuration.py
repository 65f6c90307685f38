"""Settings, secrets and what else is set up once."""

import os
import stat
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info
from django.http.request import validate_host

from chatsite.ops import file_modes
from chatsite.ops.doctor.registry import registry
from chatsite.version import sentence


@registry.register
def it_is_of_a_version(**kwargs: Any) -> Iterator[CheckMessage]:
    yield Info(sentence(), id="chatsite.I101")


@registry.register
def settings_are_safe(**kwargs: Any) -> Iterator[CheckMessage]:
    found = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    messages = [message for message in found if not message.is_silenced()]
    yield from messages
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        yield Error(
            f"ALLOWED_HOSTS does not name {host}, the host of SITE_URL: nobody could reach the site. Add it.",
            id="chatsite.E102",
        )
    elif not messages:
        yield Info(f"The settings are those of a site at {settings.SITE_URL}.", id="chatsite.I103")


@registry.register
def secrets_are_kept(**kwargs: Any) -> Iterator[CheckMessage]:
    key = settings.DATA / "secret_key"
    if key.exists() and key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Error(
            f"Other users of this machine can read {key}, by which they could sign in as anybody: chmod 600 it.",
            id="chatsite.E104",
        )
    if found := [path for path in file_modes.open_to_others() if path != key]:
        more = f" and {len(found) - 1} more" if found[1:] else ""
        yield Error(
            f"Other users of this machine can come at {found[0]}{more}: chmod -R o-rwx {found[0]}, or start the site "
            "as the owner of its files, which does so.",
            id="chatsite.E105",
        )


@registry.register
def static_files_are_there(**kwargs: Any) -> Iterator[CheckMessage]:
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        yield Error(
            "The static files have not been collected, so pages fail: run manage.py collectstatic --noinput.",
            id="chatsite.E106",
        )
    elif not os.access(settings.STATIC_ROOT, os.R_OK | os.X_OK):
        yield Error(
            f"This user cannot read {settings.STATIC_ROOT}: collect static files as the user of the site.",
            id="chatsite.E107",
        )
