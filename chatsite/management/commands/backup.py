"""``manage.py backup [FILE]``: the database in one file, and people's files in a folder beside it.

Without FILE it goes into BACKUP_FOLDER under the name of the moment; ``--try --keep 7 5 12`` is what the timer runs.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from accounts.models import User
from chatsite.config import values
from chatsite.ops import backup, backup_folder, backup_trial, file_modes
from rooms import backup_files


class Command(BaseCommand):
    help = "Write a copy of the database to FILE and of all files to FILE.files, while the site serves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="BACKUP_FOLDER has one more where there is none.")
        parser.add_argument(
            "--files", type=Path, help="The folder for the files; one that has some already is only added to."
        )
        parser.add_argument("--no-files", action="store_true", help="The database alone: the files are kept otherwise.")
        parser.add_argument(
            "--try", action="store_true", dest="trial", help="Restore it into a database of its own, and verify it."
        )
        parser.add_argument(
            "--keep", type=values.whole(0, 10_000), nargs=3, metavar=("DAYS", "WEEKS", "MONTHS"),
            help="Then remove from BACKUP_FOLDER all but the newest of so many days, weeks and months.",
        )  # fmt: skip

    def handle(
        self, *args: Any, file: Path | None, files: Path | None, no_files: bool, trial: bool, keep: list[int] | None,
        **options: Any,
    ) -> None:  # fmt: skip
        if file is None:
            file, files = self.next_in_folder(), files or settings.BACKUP_FOLDER / backup_folder.FILES
        elif keep:
            raise CommandError("--keep is for the backups in BACKUP_FOLDER: leave FILE out.")
        if file.exists():
            raise CommandError(f"{file} is there already. Choose another name, or move it away.")
        if not User.objects.exists():
            raise CommandError(
                f"There is nobody in {connection.display_name} {connection.settings_dict['NAME']}, so nothing was "
                "written: the site has another database (DATABASE_URL), or nobody has signed up yet."
            )
        folder = None if no_files else files or files_beside(file)
        try:
            self.write(file, folder)
            if trial:
                self.stdout.write(backup_trial.try_out(file, folder))
                backup_folder.beside(file, "tried").touch()
            # Last: as long as the new one is not known to be good, the old ones stay.
            if keep:
                gone = backup_folder.rotate(settings.BACKUP_FOLDER, backup_folder.Keep(*keep))
                self.stdout.write(f"Old backups removed: {len(gone)}.")
        except (backup.CannotCopyError, OSError) as error:
            raise CommandError(str(error)) from error

    def next_in_folder(self) -> Path:
        if settings.BACKUP_FOLDER is None:
            raise CommandError("Name a file, or set BACKUP_FOLDER to the folder for all backups.")
        return backup_folder.file_for(settings.BACKUP_FOLDER, timezone.now())

    def write(self, file: Path, folder: Path | None) -> None:
        backup.back_up(file)
        self.stdout.write(
            f"The database is in {file}. It holds everything that people said: keep it as safe as the site."
        )
        if folder is None:
            return
        # After the database: what it refers to was in storage before.
        if file_modes.is_open(folder):
            # An older version made it.
            folder.chmod(0o700)
        copied, missing = backup_files.copy_files(folder)
        if settings.BACKUP_FOLDER and folder == settings.BACKUP_FOLDER / backup_folder.FILES:
            backup_folder.beside(file, "names").write_text("\n".join(backup_files.names_of_objects()))
        self.stdout.write(f"Files copied to {folder}: {copied}.")
        if missing:
            self.stderr.write(
                f"{len(missing)} files are not in storage; `manage.py verify_transcripts --files` names them."
            )


def files_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.files")


def files_of(file: Path) -> Path:
    """Return the folder of a backup's files: one of its own, or that of all backups in the same folder."""
    own = files_beside(file)
    return own if own.exists() else file.parent / backup_folder.FILES
