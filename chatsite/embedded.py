"""``make run``: a whole site from one folder, served on this machine, ready in seconds from the second start on."""

import errno
import hashlib
import io
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from chatsite import assets, serve, startup
from chatsite.assets.css_pruning import CLASS, our_words
from chatsite.startup import CannotStartError

HOST = "127.0.0.1"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    print_mail_on_a_terminal()
    try:
        with startup.in_plain_words():
            prepare()
        announce()
        serve.main(["--bind", HOST, "--port", str(settings.PORT), "chatsite.asgi:application"])
    except KeyboardInterrupt:
        return 130
    return 0


def prepare() -> None:
    startup.load_settings()
    check_port(settings.PORT)
    django.setup()
    refuse_bad_setup()
    startup.require_database()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable")
    sweep_guests()
    call_command("purge_deleted", stdout=io.StringIO())
    call_command("sweep_files", stdout=io.StringIO())
    collect_static_if_changed()


def sweep_guests() -> None:
    """What an operator has a timer do each day, a site on one machine does whenever it starts."""
    # Late, because models need the apps to be loaded.
    from accounts import actions

    actions.sweep_guests()


def print_mail_on_a_terminal() -> None:
    """Show mail to who tries the site out, without a mail server; but not to a log, which others read, and for long."""
    if sys.stdout.isatty():
        os.environ.setdefault("EMAIL_URL", "consolemail://")


def check_port(port: int) -> None:
    """Find out before anything else that the port is taken; serve.py would, but only at the very end."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "another program uses it" if taken else error
            raise CannotStartError(
                f"Chatsite cannot use port {port} ({reason}): choose another one, for example PORT=8765 make run."
            ) from error


def refuse_bad_setup() -> None:
    # Late, because checks of other apps need them to be loaded.
    from chatsite.checks import serious_problems

    if problems := serious_problems():
        raise CannotStartError("\n".join(problems))


def collect_static_if_changed() -> None:
    stamp: Path = settings.DATA / "static.fingerprint"
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint and settings.STATIC_ROOT.is_dir():
        return
    print("Collecting static files; this is needed only when they have changed.", flush=True)
    # Removed first: an interrupted collection must be done again.
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(fingerprint)


def static_fingerprint() -> str:
    """Return a digest of every static source, ours and our libraries', and of what turns them into files.

    Templates count too: by the classes that they name, Bootstrap's rules are kept.
    """
    makers = sorted(Path(assets.__path__[0]).glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in makers))
    # Late, because it makes Django's storage, which needs the settings.
    from chatsite.assets.staticfiles import PRUNED

    words = our_words()
    for name, path in sorted(static_sources()):
        digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        if name in PRUNED:
            digest.update(" ".join(sorted(words.intersection(CLASS.findall(path.read_text())))).encode())
    return digest.hexdigest()


def static_sources() -> Iterator[tuple[str, Path]]:
    # Late, because the finders need the settings.
    from django.contrib.staticfiles.finders import get_finders

    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=[]):
            yield name, Path(storage.path(name))


def announce() -> None:
    # Late, because models need the apps to be loaded.
    from accounts.actions import first_admin_link, needs_first_admin

    print(f"{settings.SITE_NAME} is at {settings.SITE_URL} (Ctrl-C stops it).")
    if needs_first_admin():
        print(f"It has no site admin yet. Become the first one here: {settings.SITE_URL}{first_admin_link()}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
