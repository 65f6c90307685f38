"""``manage.py restore FILE --yes``: put the database back as a backup has it, best with the site stopped."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from chatsite.management.commands.backup import files_of
from chatsite.models import ReadOnly
from chatsite.ops import backup
from rooms import backup_files


class Command(BaseCommand):
    help = "Replace the database by a backup. Pages that are ahead of it start anew by themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--files", type=Path, help="The folder of the files, unless FILE.files or files.")
        parser.add_argument("--yes", action="store_true", help="Yes, what is in the database now may go.")

    def handle(self, *args: Any, file: Path, files: Path | None, yes: bool, **options: Any) -> None:
        if not yes:
            raise CommandError("This replaces everything in the database. If you mean it, add --yes.")
        try:
            backup.restore(file)
        except (backup.CannotCopyError, OSError) as error:
            raise CommandError(str(error)) from error
        # A backup of an older version has older tables, and a restored log needs its triggers.
        call_command("migrate", verbosity=0, interactive=False)
        back = backup_files.put_back_files(files or files_of(file))
        self.stdout.write(f"Files put back: {back}.")
        if ReadOnly.objects.exists():
            self.stdout.write("The site was read-only when the backup was taken, and is again: `readonly off` ends it.")
        self.stdout.write("The database is as the backup had it. If you stopped the site, start it again.")
