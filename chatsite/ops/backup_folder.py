"""The folder of backups: what ``manage.py backup`` calls them, how old they are, and which of them are kept.

``chatsite-2026-11-28T030000Z.backup`` is a database; ``….tried`` beside it says that it was restored and verified;
``….names`` has the files that it refers to, all of which are in the folder ``files``.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

FORMAT = "chatsite-%Y-%m-%dT%H%M%SZ.backup"
FILES = "files"


class Keep(NamedTuple):
    """Of how many of the latest days, weeks and months that have a backup the newest is kept."""

    days: int
    weeks: int
    months: int


def file_for(folder: Path, moment: datetime) -> Path:
    return folder / moment.astimezone(UTC).strftime(FORMAT)


def backups_in(folder: Path) -> dict[datetime, Path]:
    """Return those of the folder by when they were taken; what has another name is somebody else's."""
    found = {}
    for path in folder.iterdir():
        try:
            found[datetime.strptime(path.name, FORMAT).replace(tzinfo=UTC)] = path
        except ValueError:
            continue
    return found


def beside(backup: Path, what: str) -> Path:
    return backup.with_name(f"{backup.name}.{what}")


def age_of_newest(folder: Path, *, tried: bool = False) -> timedelta | None:
    found = backups_in(folder)
    moments = [moment for moment, path in found.items() if not tried or beside(path, "tried").exists()]
    return datetime.now(UTC) - max(moments) if moments else None


def rotate(folder: Path, keep: Keep) -> list[Path]:
    """Remove the backups that are none of those to keep, and then the files that none of the others refers to."""
    found = backups_in(folder)
    gone = [found[moment] for moment in sorted(set(found) - kept_of(found, keep))]
    for backup in gone:
        for path in (backup, beside(backup, "tried"), beside(backup, "names")):
            path.unlink(missing_ok=True)
    prune_files(folder)
    return gone


def kept_of(moments: Iterable[datetime], keep: Keep) -> set[datetime]:
    newest_first = sorted(moments, reverse=True)
    # Whatever is asked for, the newest is not removed.
    kept = set(newest_first[:1])
    periods: list[tuple[int, Callable[[datetime], object]]] = [
        (keep.days, datetime.date),
        (keep.weeks, lambda moment: moment.isocalendar()[:2]),
        (keep.months, lambda moment: (moment.year, moment.month)),
    ]
    for count, period_of in periods:
        newest: dict[object, datetime] = {}
        for moment in newest_first:
            newest.setdefault(period_of(moment), moment)
        kept.update(list(newest.values())[:count])
    return kept


def prune_files(folder: Path) -> None:
    """Let what people have erased go from the backups as well, once none is left that had it."""
    names = [beside(path, "names") for path in backups_in(folder).values()]
    if not all(path.exists() for path in names):
        # One of them was made without: what it needs is not known.
        return
    wanted = {line for path in names for line in path.read_text().splitlines()}
    for path in (folder / FILES).rglob("*"):
        if path.is_file() and path.relative_to(folder / FILES).as_posix() not in wanted:
            path.unlink()
