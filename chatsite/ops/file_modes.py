"""What other users of the machine can read of the site's data, which is nothing once this has closed it.

What the site writes anew is closed already, by the umask that settings.py sets.
"""

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def close_to_others() -> None:
    """Take from other users what an older version, started under another umask, let them have."""
    # A list: which folders are looked into depends on whether they are open.
    for path in list(open_to_others()):
        # What people sent may be sent to them by nginx, which reads it by its group.
        kept = stat.S_IRWXU | stat.S_IRWXG if path.is_relative_to(files_folder()) else stat.S_IRWXU
        # What is another user's stays as it is, and the doctor says so.
        with suppress(OSError):
            path.chmod(path.stat().st_mode & kept)


def open_to_others() -> Iterator[Path]:
    """Yield each file and folder of the site on which other users have any right."""
    for root in roots():
        # Into a closed folder nobody comes, and there may be a hundred thousand files further in.
        below = everything_in(root) if is_open(root) else entries_of(root)
        yield from (path for path in (root, *below) if is_open(path))


def roots() -> Iterator[Path]:
    yield settings.DATA
    if settings.SQLITE:
        database = Path(settings.DATABASES["default"]["NAME"])
        if settings.DATA not in database.parents:
            yield from (database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm"))
    if settings.DATA not in files_folder().parents:
        yield files_folder()


def files_folder() -> Path:
    """Return the folder of what people sent. (With a bucket instead, the path of nothing.)"""
    return Path(settings.FILES_STORAGE).absolute()


def everything_in(folder: Path) -> Iterator[Path]:
    for path in entries_of(folder):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from everything_in(path)


def entries_of(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        # Static files are for everybody.
        yield from (path for path in sorted(folder.iterdir()) if path != settings.STATIC_ROOT)


def is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISLNK(mode) and bool(mode & stat.S_IRWXO)
