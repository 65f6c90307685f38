"""``manage.py export_room <room id> [--page | --files] [--output FILE]``: a transcript, alone or with its files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from rooms.log import transcripts
from rooms.models import Room


class Command(BaseCommand):
    help = "Write a room's whole transcript as JSON Lines; `python rooms/chain.py FILE` verifies it offline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", type=UUID, metavar="room id")
        parser.add_argument("--page", action="store_true", help="Write a page to read instead.")
        parser.add_argument("--files", action="store_true", help="Write both, and every file, into one ZIP archive.")
        parser.add_argument("--output", type=Path, help="Standard output where there is none.")

    def handle(self, *args: Any, room: UUID, page: bool, files: bool, output: Path | None, **options: Any) -> None:
        found = Room.objects.filter(pk=room).first()
        if found is None:
            raise CommandError(f"There is no room {room}.")
        if output and output.is_file():
            # A new file is its owner's alone; one that is there may be everybody's.
            output.chmod(0o600)
        if files:
            write_archive(found, output)
            return
        lines = transcripts.readable_page(found) if page else transcripts.json_lines(found)
        if output is None:
            sys.stdout.writelines(lines)
            return
        with output.open("w", encoding="utf-8") as file:
            file.writelines(lines)


def write_archive(room: Room, output: Path | None) -> None:
    if output is None:
        raise CommandError("An archive is no text: name a file for it with --output.")
    with output.open("wb") as file:
        file.writelines(transcripts.archive(room))
