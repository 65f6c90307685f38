"""Which backups are kept: the newest of each of the latest days, weeks and months, whatever was missed between them."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatsite.ops import backup_folder
from chatsite.ops.backup_folder import Keep, kept_of

START = datetime(2024, 1, 1, 3, tzinfo=UTC)


def live(nights: int, keep: Keep, *, misses: float = 0.0, twice: float = 0.0) -> list[datetime]:
    """Take a backup in each night and rotate after each, as the timer does; some nights fail, some have two."""
    chance, kept = random.Random(nights), set[datetime]()
    for night in range(nights):
        if chance.random() < misses:
            continue
        for turn in range(1 + (chance.random() < twice)):
            kept.add(START + timedelta(days=night, hours=turn, minutes=chance.randrange(30)))
        kept = kept_of(kept, keep)
    return sorted(kept)


@pytest.mark.parametrize(("misses", "twice"), [(0, 0), (0.3, 0), (0, 0.3), (0.9, 0.5)])
def test_years_of_nights_leave_days_weeks_and_months(misses: float, twice: float) -> None:
    kept = live(1_000, Keep(7, 5, 12), misses=misses, twice=twice)
    assert len(kept) <= 7 + 5 + 12
    assert len({moment.date() for moment in kept[-7:]}) == 7
    assert len({moment.isocalendar()[:2] for moment in kept}) >= 5
    assert len({(moment.year, moment.month) for moment in kept}) >= 12


def test_with_every_night_it_is_the_last_of_each() -> None:
    kept = [moment.date().isoformat() for moment in live(800, Keep(3, 3, 4))]
    # The last night is that of 2026-03-10, a Tuesday.
    assert kept == [
        "2025-12-31", "2026-01-31", "2026-02-28", "2026-03-01", "2026-03-08", "2026-03-09", "2026-03-10",
    ]  # fmt: skip


@pytest.mark.parametrize("keep", [Keep(0, 0, 0), Keep(1, 0, 0), Keep(0, 1, 0), Keep(0, 0, 1)])
def test_the_newest_is_never_removed(keep: Keep) -> None:
    assert [moment.date() for moment in live(50, keep)] == [(START + timedelta(days=49)).date()]


def test_after_a_long_pause_the_old_ones_are_still_there() -> None:
    old = {START + timedelta(days=day) for day in range(100)}
    kept = kept_of(old | {START + timedelta(days=1_000)}, Keep(7, 5, 12))
    assert len(kept & old) >= 6


def test_what_is_not_ours_stays_and_files_go_with_the_last_that_had_them(tmp_path: Path) -> None:
    files = tmp_path / "files" / "ab"
    files.mkdir(parents=True)
    for name in ("erased", "kept"):
        (files / name).touch()
    (tmp_path / "notes.backup").touch()
    for day, names in ((1, "ab/erased\nab/kept"), (2, "ab/erased\nab/kept"), (3, "ab/kept")):
        taken = backup_folder.file_for(tmp_path, START + timedelta(days=day))
        taken.touch()
        backup_folder.beside(taken, "names").write_text(names)
        backup_folder.rotate(tmp_path, Keep(2, 0, 0))
    assert {path.name for path in files.iterdir()} == {"erased", "kept"}
    backup_folder.rotate(tmp_path, Keep(1, 0, 0))
    assert {path.name for path in files.iterdir()} == {"kept"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "chatsite-2024-01-04T030000Z.backup", "chatsite-2024-01-04T030000Z.backup.names", "files", "notes.backup",
    ]  # fmt: skip


def test_no_file_goes_while_it_is_not_known_what_a_backup_needs(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "one").touch()
    backup_folder.file_for(tmp_path, START).touch()
    backup_folder.rotate(tmp_path, Keep(1, 0, 0))
    assert (tmp_path / "files" / "one").exists()
