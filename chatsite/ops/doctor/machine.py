"""The machine: disk, backups, open files, clock."""

import os
import resource
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info

from chatsite.ops import backup_folder
from chatsite.ops.doctor.registry import hours, registry

# Bytes below which the disk deserves a look, and below which it is about to be full.
DISK_LOW = 2 * 1024**3
DISK_FULL = 200 * 1024**2
# Each socket is an open file, and so are the database's and the proxy's connections.
FILES_LOW = 4_096
# One night may be missed; a backup that nobody has tried for a week is none.
BACKUP_OLD = timedelta(hours=36)
TRIAL_OLD = timedelta(days=8)


@registry.register
def there_is_room(**kwargs: Any) -> Iterator[CheckMessage]:
    free = shutil.disk_usage(settings.DATA).free
    room = f"{free / 1024**3:.1f} GiB are free where {settings.DATA} is"
    if free < DISK_FULL:
        yield Error(f"{room}: nothing can be stored for much longer. Make room.", id="chatsite.E301")
    elif free < DISK_LOW:
        yield checks.Warning(f"{room}: make room before it is full.", id="chatsite.W302")
    else:
        yield Info(f"{room}.", id="chatsite.I303")


@registry.register
def backups_are_young(**kwargs: Any) -> Iterator[CheckMessage]:
    folder = settings.BACKUP_FOLDER
    if folder is None:
        if settings.PRODUCTION:
            yield checks.Warning(
                "BACKUP_FOLDER is not set, so nobody sees whether there are backups: docs/deploy.md, Backups.",
                id="chatsite.W304",
            )
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Error(
            f"This user cannot write to {folder}, where backups go: make it, for the site's user alone.",
            id="chatsite.E305",
        )
        return
    newest, tried = backup_folder.age_of_newest(folder), backup_folder.age_of_newest(folder, tried=True)
    if newest is None:
        yield checks.Warning(
            f"There is no backup in {folder} yet: systemctl enable --now chatsite-backup.timer makes them.",
            id="chatsite.W306",
        )
    elif newest > BACKUP_OLD:
        yield Error(
            f"The newest backup is {hours(newest)} old: systemctl status chatsite-backup may say why.",
            id="chatsite.E307",
        )
    elif tried is None or tried > TRIAL_OLD:
        yield checks.Warning(
            f"The newest backup is {hours(newest)} old, and none of late was tried: backup --try does so.",
            id="chatsite.W308",
        )
    else:
        yield Info(
            f"The newest backup is {hours(newest)} old; the newest that was tried, {hours(tried)}.", id="chatsite.I309"
        )


@registry.register
def files_can_be_opened(**kwargs: Any) -> Iterator[CheckMessage]:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_LOW:
        yield checks.Warning(
            f"A process may open {soft} files, and each connected page takes one: raise the limit where the site is "
            "started (LimitNOFILE in systemd, ulimit -n in a shell).",
            id="chatsite.W310",
        )


@registry.register
def clock_is_set(**kwargs: Any) -> Iterator[CheckMessage]:
    # Rows are stamped by it: one that stands before our own code was written cannot be right.
    written = Path(__file__).stat().st_mtime
    if time.time() < written:
        yield Error(
            "This machine's clock is behind: it is earlier than the site's own files. Have it set by NTP.",
            id="chatsite.E311",
        )
