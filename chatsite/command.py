"""``bin/chatsite COMMAND``: manage.py with the settings that the site's processes have, as the user that they run as.

Not by sourcing the file in a shell, to which the & in an address ends the command: without DATABASE_URL each of them
would then have worked on an empty database of its own, and said that all is well.
"""

import grp
import os
import pwd
import sys
from pathlib import Path

from chatsite.config import environment_file
from chatsite.ops import upgrade

# As in deploy/systemd. The group is nginx's, which sends files and static files.
USER, GROUP = "chatsite", "www-data"
# What is done to the processes, and not by their user.
OF_ROOT = {"upgrade", "rollback", "restart"}
# What a command may know of the terminal; of everything else only what the processes know, too.
OF_THE_TERMINAL = {"PATH", "TERM", "COLUMNS", "LINES", "NO_COLOR", "LANG", "TZ"}


class CannotRunError(Exception):
    """Says in one sentence why the command was not run, and what to do."""


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("Say which command: bin/chatsite doctor, for one. bin/chatsite help has all of them.")
    if sys.argv[1] in OF_ROOT:
        upgrade.main(sys.argv[1:])
        return
    try:
        path = Path(environment_file.PATH)
        given = read(path)
        user = become(os.environ.get("CHATSITE_USER", USER))
    except (CannotRunError, environment_file.WrongFileError) as problem:
        sys.exit(str(problem))
    kept = {name: value for name, value in os.environ.items() if name in OF_THE_TERMINAL or name.startswith("LC_")}
    os.environ.clear()
    os.environ.update(kept | {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name} | given)
    run(given, path)


def read(path: Path) -> dict[str, str]:
    try:
        return environment_file.read(path)
    except PermissionError:
        raise CannotRunError(
            f"{path} is not for everybody to read: sudo bin/chatsite {' '.join(sys.argv[1:])}"
        ) from None
    except OSError as error:
        raise CannotRunError(
            f"{path} cannot be read ({error.strerror}): copy deploy/environment.example there and fill it in, or name "
            "another file in CHATSITE_ENVIRONMENT."
        ) from error


def become(name: str) -> pwd.struct_passwd:
    """Give up the rights of root for those of the site's user; nobody else's can be exchanged."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise CannotRunError(
            f"There is no user {name} on this machine: docs/deploy.md makes one, or name another in CHATSITE_USER."
        ) from None
    if os.geteuid() == user.pw_uid:
        return user
    if os.geteuid() != 0:
        raise CannotRunError(f"This runs as {name}, or as root, who becomes {name}: sudo bin/chatsite …")
    group = next((entry.gr_gid for entry in grp.getgrall() if entry.gr_name == GROUP), user.pw_gid)
    os.initgroups(name, group)
    os.setgid(group)
    os.setuid(user.pw_uid)
    return user


def run(given: dict[str, str], path: Path) -> None:
    # Late, because until now it was root that ran, and the settings were not there.
    from django.conf import settings

    import manage
    from chatsite import startup

    with startup.in_plain_words():
        startup.load_settings()
    if strangers := settings.ENVIRONMENT.strangers_in(given):
        likely = settings.ENVIRONMENT.slips_in(strangers)
        hints = [f"{name} ({likely[name]} may be meant)" if name in likely else name for name in strangers]
        sys.exit(f"Nothing reads what {path} sets as {', '.join(hints)}: docs/settings.md has every setting.")
    manage.main()


if __name__ == "__main__":
    main()
