"""``manage.py rooms [WORDS]``: which rooms there are."""

from argparse import ArgumentParser
from typing import Any

from accounts.commands import ListCommand
from rooms.models import Room


class Command(ListCommand):
    help = "List the rooms of this site, those with WORDS in their name. Private talks are nobody else's business."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--deleted", action="store_true", help="Those that were deleted and can be restored.")

    def handle(self, *args: Any, words: str, as_json: bool, deleted: bool, **options: Any) -> None:
        rooms = Room.objects.exclude(kind=Room.Kind.DIRECT).search(words).order_by("name_folded", "pk")
        rooms = rooms.exclude(deleted_at=None) if deleted else rooms.open()
        self.show([facts(room) for room in rooms], as_json=as_json, line=line)


def facts(room: Room) -> dict[str, Any]:
    return {
        "id": room.pk,
        "name": room.name,
        "kind": room.kind,
        "members": room.member_count,
        "rows": room.last_seq,
        "talked_at": room.talked_at.isoformat(),
        "deleted_at": room.deleted_at and room.deleted_at.isoformat(),
    }


def line(room: dict[str, Any]) -> str:
    deleted = f"  deleted {room['deleted_at'][:10]}" if room["deleted_at"] else ""
    return f"{room['id']}  {room['name']}  {room['kind']}  {room['members']} members  {room['rows']} rows{deleted}"
