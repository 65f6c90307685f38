"""``manage.py verify_transcripts [--files] [room id …]``: check every hash chain; exit 1 when one does not hold."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from rooms.log.state import fault_of
from rooms.log.verify import faults_of, file_faults_of, miscount_of
from rooms.models import Room


class Command(BaseCommand):
    help = "Verify that each room's transcript is whole and as it was written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rooms", nargs="*", type=UUID, metavar="room id", help="These rooms only.")
        parser.add_argument("--files", action="store_true", help="Read every file again, too.")

    def handle(self, *args: Any, rooms: list[UUID], files: bool, **options: Any) -> None:
        wanted = Room.objects.order_by("created_at")
        chosen = wanted.filter(pk__in=rooms) if rooms else wanted
        found = list(chosen)
        if not found and not rooms:
            self.stdout.write("There are no rooms, so nothing was verified.")
            return
        if unknown := set(rooms) - {room.pk for room in found}:
            raise CommandError(f"There is no room {', '.join(map(str, sorted(unknown)))}.")
        broken = sum(not self.verify(room, files=files) for room in found)
        if broken:
            raise CommandError(f"{broken} of {len(found)} transcripts do not verify.")
        self.stdout.write(f"All {len(found)} transcripts verify.")

    def verify(self, room: Room, *, files: bool) -> bool:
        beside = filter(None, [miscount_of(room), fault_of(room)])
        faults = [*faults_of(room), *beside, *(file_faults_of(room) if files else ())]
        for fault in faults:
            self.stdout.write(f"{room.name} ({room.pk}): {fault}.")
        return not faults
