"""``manage.py room delete | restore | export``: look after one room."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.commands import EXIT_CODES, LookingAfter, as_id, only_one
from accounts.errors import AccountError
from chatsite.text import fold, one_line
from rooms.actions.rooms import delete_room, restore_room
from rooms.errors import RoomError
from rooms.log.transcripts import require_export
from rooms.models import Room


class Command(LookingAfter):
    help = f"Look after one room, by name or id. {EXIT_CODES}"
    refusals = (AccountError, RoomError)

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        for name, about in (
            ("delete", "End everybody's access at once; it can be restored for 30 days."),
            ("restore", "Give a deleted room back to its members."),
            ("export", "Write its transcript, as export_room does."),
        ):
            one = commands.add_parser(name, help=about)
            one.add_argument("room")
            if name == "export":
                one.add_argument("--page", action="store_true", help="Write a page to read instead.")
                one.add_argument("--files", action="store_true", help="Write both, and every file, into one archive.")
                one.add_argument("--output", type=Path, help="Standard output where there is none.")

    def handle(self, *args: Any, command: str, room: str, **options: Any) -> None:
        getattr(self, command)(room, **options)

    def delete(self, name: str, **options: Any) -> None:
        room = find(name, is_deleted=False)
        if room.is_deleted:
            self.stdout.write(f"{room} was deleted already.")
            return
        delete_room(room, actor=None)
        self.stdout.write(f"{room} is deleted. For 30 days this brings it back: manage.py room restore {room.pk}")

    def restore(self, name: str, **options: Any) -> None:
        room = find(name, is_deleted=True)
        was = room.is_deleted
        restore_room(room, actor=None)
        self.stdout.write(f"{room} is back." if was else f"{room} was not deleted.")

    def export(self, name: str, *, page: bool, files: bool, output: Path | None, **options: Any) -> None:
        room = find(name, is_deleted=False)
        require_export(room, actor=None)
        call_command("export_room", str(room.pk), page=page, files=files, output=output, stdout=self.stdout)


def find(text: str, *, is_deleted: bool) -> Room:
    """Return the room with this id, or the one of this name; first of those that are deleted, or that are not."""
    if number := as_id(text):
        return only_one(list(Room.objects.filter(pk=number)), kind="room", text=text)
    named = list(Room.objects.filter(name_folded=fold(one_line(text))).exclude(kind=Room.Kind.DIRECT))
    meant = [room for room in named if room.is_deleted == is_deleted]
    return only_one(meant or named, kind="room", text=text)
