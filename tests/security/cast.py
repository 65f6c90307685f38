"""Everybody who may knock at a room's doors, and one private room that has been the same to all of them."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.actions import block_user
from accounts.models import User
from rooms import limits
from rooms.actions.invitations import invite
from rooms.actions.memberships import add_member, leave_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.pins import pin_message
from rooms.actions.rooms import open_room
from rooms.models import Room
from tests.conftest import new_user
from tests.rooms.conftest import session_of
from tests.rooms.files import picture, posted_file, ready_file

ROLES = ("anonymous", "guest", "stranger", "left", "removed", "blocked", "member", "admin", "site_admin")


@dataclass
class Scene:
    """A room of some kind, and who is what to it. ``erin`` is another member: whom the doors are about."""

    room: Room
    people: dict[str, User]
    values: dict[str, Any] = field(default_factory=dict)
    client: Client = field(default_factory=Client)
    keys: dict[str, str] = field(default_factory=dict)

    def knock(self, role: str, method: str, route: str, data: object = None, **values: object) -> HttpResponse:
        """Ask as ``role``, and undo whatever it does: the next one finds the same room."""
        with transaction.atomic():
            answer = self.ask(role, method, fill(route, {**self.values, **values}), data)
            transaction.set_rollback(True)
        return answer

    def ask(self, role: str, method: str, address: str, data: object = None, *, follow: bool = False) -> HttpResponse:
        limits.tally.clear()
        cache.clear()
        self.client.cookies = SimpleCookie()
        if role != "anonymous":
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.keys[role]
        is_json = address.startswith(("/api/", "/_allauth/"))
        how: dict[str, Any] = {"content_type": "application/json"} if is_json and method != "GET" else {}
        answer: HttpResponse = getattr(self.client, method.lower())(address, data=data or {}, follow=follow, **how)
        return answer


def fill(route: str, values: dict[str, Any]) -> str:
    address = "/" + route
    for name, value in values.items():
        address = address.replace(f"<{name}>", str(value))
    assert "<" not in address, f"{route} wants something that the scene does not have"
    return address


def set_scene(kind: str = Room.Kind.PRIVATE) -> Scene:
    admin, member, erin, left, removed, blocked = (
        new_user(name) for name in ("alice", "bob", "erin", "leo", "rita", "bill")
    )
    room = open_room(actor=admin, name="Den", topic="Between us", kind=kind)
    for person in (member, erin, left, removed):
        add_member(room, actor=admin, user=person)
    seq = post_message(room, actor=erin, client_id="1", body="A secret").row.seq
    leave_room(room, actor=left)
    remove_member(room, actor=admin, user=removed)
    for person in (admin, erin):
        block_user(blocked, actor=person)
    invitation = invite(room, actor=admin)
    file = posted_file(room, erin, picture(), "secret.png").attachment
    upload = ready_file(room, member)
    people = {
        "guest": new_user("guest-1", is_guest=True),
        "stranger": new_user("charlie"),
        "left": left,
        "removed": removed,
        "blocked": blocked,
        "member": member,
        "admin": admin,
        "site_admin": new_user("dana", is_staff=True, is_superuser=True),
    }
    scene = Scene(room, people)
    scene.values = {"room_id": room.pk, "user_id": erin.pk, "seq": seq, "code": invitation.code}
    scene.values |= {"invitation_id": invitation.pk, "file_id": file.pk, "upload_id": upload.pk}
    scene.values |= {"day": "2026-11-20", "key": "made-up", "uidb36": "made-up", "token": "made-up"}
    for role, person in people.items():
        scene.keys[role] = session_of(person)
        # Notes that the session is in use, which would be undone with each knock and noted anew with the next.
        scene.client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: scene.keys[role]})
        scene.client.get("/api/me")
    return scene


def pin_something(scene: Scene) -> None:
    """Have a message of the member's be pinned: ``pinned`` and ``pinned_seq``."""
    pinned = post_message(scene.room, actor=scene.people["member"], client_id="pinned", body="Rules").row
    pin_message(scene.room, actor=scene.people["admin"], seq=pinned.seq)
    scene.values |= {"pinned": pinned.pk, "pinned_seq": pinned.seq}


def nowhere() -> UUID:
    """The id of a room that there has never been."""
    return uuid4()
