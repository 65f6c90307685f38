"""``manage.py purge_deleted [--dry-run]``: remove for good the rooms that nobody can restore any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from rooms.actions.rooms import purge_room
from rooms.errors import NoSuchRoom
from rooms.models import KEPT_DELETED, Room


class Command(BaseCommand):
    help = (
        f"Remove for good the rooms that were deleted over {KEPT_DELETED.days} days ago, with all that was said in "
        "them. Run it each day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Name the rooms, and remove nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        expired = list(Room.objects.expired().order_by("deleted_at"))
        for room in expired:
            self.stdout.write(f"{room} ({room.pk}), deleted {room.deleted_at:%Y-%m-%d}, {room.last_seq} rows")
            if not dry_run:
                self.purge(room)
        self.stdout.write(f"Rooms to remove: {len(expired)}." if dry_run else f"Rooms removed: {len(expired)}.")

    def purge(self, room: Room) -> None:
        try:
            purge_room(room)
        except NoSuchRoom:
            self.stdout.write("It has been removed by somebody else.")
