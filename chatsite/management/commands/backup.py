"""``manage.py backup FILE [--no-files]``: the database in one file, and people's files in a folder beside it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatsite import backup, privacy
from rooms import keeping


class Command(BaseCommand):
    help = "Write a copy of the database to FILE and of all files to FILE.files, while the site serves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--files", type=Path, help="The folder for the files; one that has some already is only added to."
        )
        parser.add_argument("--no-files", action="store_true", help="The database alone: the files are kept otherwise.")

    def handle(self, *args: Any, file: Path, files: Path | None, no_files: bool, **options: Any) -> None:
        if file.exists():
            raise CommandError(f"{file} is there already. Choose another name, or move it away.")
        try:
            backup.back_up(file)
        except (backup.CannotCopyError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The database is in {file}. It holds everything that people said: keep it as safe as the site."
        )
        if not no_files:
            self.copy_files(files or files_beside(file))

    def copy_files(self, folder: Path) -> None:
        # After the database: what it refers to was in storage before.
        try:
            if privacy.is_open(folder):
                # An older version made it.
                folder.chmod(0o700)
            copied, missing = keeping.copy_files(folder)
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Files copied to {folder}: {copied}.")
        if missing:
            self.stderr.write(
                f"{len(missing)} files are not in storage; `manage.py verify_transcripts --files` names them."
            )


def files_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.files")
