"""``manage.py check_backup FILE [--files FOLDER | --no-files]``: restore it into a database of its own, and verify."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatsite.management.commands.backup import files_of
from chatsite.ops import backup, backup_trial


class Command(BaseCommand):
    help = "Try a backup: restore it into a new database, verify every row and file, and remove that database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--files", type=Path, help="The folder of the files, unless FILE.files or files.")
        parser.add_argument("--no-files", action="store_true", help="Look at the database alone.")

    def handle(self, *args: Any, file: Path, files: Path | None, no_files: bool, **options: Any) -> None:
        try:
            self.stdout.write(backup_trial.try_out(file, None if no_files else files or files_of(file)))
        except (backup.CannotCopyError, OSError) as error:
            raise CommandError(str(error)) from error
