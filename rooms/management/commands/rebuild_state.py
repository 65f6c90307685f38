"""``manage.py rebuild_state [--check] [room id …]``: make anew what is kept beside the logs of rooms."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from rooms.log.state import fault_of, rebuild, rooms_with_state
from rooms.models import Room


class Command(BaseCommand):
    help = (
        "Make anew what is kept beside each room's log: which messages are pinned, and how many unread ones call each "
        "member by name."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rooms", nargs="*", type=UUID, metavar="room id", help="These rooms only.")
        parser.add_argument("--check", action="store_true", help="Change nothing; exit 1 where something is wrong.")

    def handle(self, *args: Any, rooms: list[UUID], check: bool, **options: Any) -> None:
        found = list(Room.objects.filter(pk__in=rooms) if rooms else rooms_with_state())
        if unknown := set(rooms) - {room.pk for room in found}:
            raise CommandError(f"There is no room {', '.join(map(str, sorted(unknown)))}.")
        wrong = [room for room in found if self.is_wrong(room)]
        if check and wrong:
            raise CommandError(
                f"Of {len(wrong)} rooms something else is kept than their logs say: run it without --check."
            )
        for room in wrong:
            rebuild(room)
        done = f"{len(wrong)} were made anew" if wrong else "all are as their logs say"
        self.stdout.write(f"{len(found)} rooms looked at; {done}.")

    def is_wrong(self, room: Room) -> bool:
        if fault := fault_of(room):
            self.stdout.write(f"{room} ({room.pk}): {fault}.")
        return fault is not None
