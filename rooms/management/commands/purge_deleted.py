"""``manage.py purge_deleted [--dry-run | --rewrite]``: remove for good the rooms that nobody can restore any more."""

from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from chatsite.models import ReadOnly
from chatsite.ops import erasure
from rooms.actions.rooms import purge_room
from rooms.errors import NoSuchRoom
from rooms.models import KEPT_DELETED, Room


class Command(BaseCommand):
    help = (
        f"Remove for good the rooms that were deleted over {KEPT_DELETED.days} days ago, with all that was said in "
        "them, and what was erased from the database's files. Run it each day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Name the rooms, and remove nothing.")
        parser.add_argument(
            "--rewrite", action="store_true", help="Write the tables anew, so that no trace is left. Nobody can post."
        )

    def handle(self, *args: Any, dry_run: bool, rewrite: bool, **options: Any) -> None:
        if ReadOnly.objects.exists():
            self.stdout.write(ReadOnly.NOTHING_REMOVED)
            return
        expired = list(Room.objects.expired().order_by("deleted_at"))
        for room in expired:
            self.stdout.write(f"{room} ({room.pk}), deleted {room.deleted_at:%Y-%m-%d}, {room.last_seq} rows")
            if not dry_run:
                self.purge(room)
        self.stdout.write(f"Rooms to remove: {len(expired)}." if dry_run else f"Rooms removed: {len(expired)}.")
        if not dry_run:
            transaction.on_commit(partial(self.clean, rewrite=rewrite))

    def clean(self, *, rewrite: bool) -> None:
        if not erasure.clean(rewrite=rewrite):
            self.stdout.write(
                "Somebody has been reading the database for long: until they are done, SQLite's write-ahead log keeps "
                "what was removed."
            )

    def purge(self, room: Room) -> None:
        try:
            purge_room(room)
        except NoSuchRoom:
            self.stdout.write("It has been removed by somebody else.")
