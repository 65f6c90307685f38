"""``manage.py backup FILE``: the whole database in one file, consistent while the site serves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatsite import backup


class Command(BaseCommand):
    help = "Write a copy of the database to FILE, while the site serves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if file.exists():
            raise CommandError(f"{file} is there already. Choose another name, or move it away.")
        try:
            backup.back_up(file)
        except (backup.CannotCopyError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The database is in {file}. It holds everything that people said: keep it as safe as the site."
        )
