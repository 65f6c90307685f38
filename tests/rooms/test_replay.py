"""A snapshot and the rows after it equal a fresh snapshot, after each of many actions in any order."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts.actions import block_user, delete_account, reactivate, suspend, unblock_user
from accounts.errors import AccountError
from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.invitations import accept_invitation, invite, revoke_invitation
from rooms.actions.memberships import (
    add_member,
    grant_admin,
    join_room,
    leave_room,
    mark_read,
    mute_room,
    remove_member,
    revoke_admin,
)
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message, report_message
from rooms.actions.pins import pin_message, unpin_message
from rooms.actions.rooms import delete_room, open_room, rename_room, restore_room, set_kind, set_topic
from rooms.errors import RoomError
from rooms.events import message_json, room_json
from rooms.models import Invitation, Message, Room
from tests.conftest import new_user
from tests.rooms.facts import active_admins, is_whole
from tests.rooms.reference import Json, Replica

pytestmark = [pytest.mark.rules, pytest.mark.django_db]

WALKS = range(10)
STEPS = 120


def snapshot(room: Room) -> Json:
    """What somebody reads who asks for the room, its members and its transcript now."""
    room = Room.objects.get(pk=room.pk)
    shown = room_json(room, None, None)
    rows = room.messages.with_people().order_by("seq")
    return {
        **{name: shown[name] for name in ("name", "kind", "topic", "head", "talk_count")},
        "deleted": room.is_deleted,
        "members": {str(row.user_id): row.role for row in room.memberships.active()},
        "pins": {pin.message.seq: pin.row.seq for pin in room.pins.with_people()},
        "messages": [without_names(message_json(row)) for row in rows],
    }


def without_names(row: Json) -> Json:
    """Names are told apart from rows, by `person`: of people, only who they are is compared."""
    for place in ("author", "subject"):
        if row[place]:
            row[place] = {"id": row[place]["id"]}
    return row


def rows_after(room: Room, seq: int) -> list[Json]:
    return [without_names(message_json(row)) for row in room.messages.with_people().after(seq)]


class Walk:
    """A site whose people do things at random, allowed or not."""

    def __init__(self, seed: int, staff: User) -> None:
        self.random = random.Random(seed)
        self.staff = staff
        self.people = [new_user(f"person{number}") for number in range(6)]
        opener = self.people[0]
        self.room = open_room(actor=opener, name="Den", kind=self.random.choice(["public", "private"]))
        self.count = 0
        self.outcomes: Counter[str] = Counter()

    def somebody(self) -> User:
        return User.objects.get(pk=self.random.choice(self.people).pk)

    def anyone(self) -> User:
        """Of whom rooms are looked after: an admin, mostly, for otherwise little would happen."""
        admins = sorted(active_admins(self.room), key=lambda user: user.username)
        return self.random.choice(admins) if admins and self.random.random() < 0.7 else self.somebody()

    def word(self) -> str:
        self.count += 1
        return f"word {self.count}"

    def seq(self) -> int:
        talk = list(self.room.messages.filter(kind=Message.Kind.TEXT).values_list("seq", flat=True))
        return self.random.choice(talk) if talk else 1

    def code(self) -> str:
        newest = Invitation.objects.filter(room=self.room).order_by("-pk").first()
        return newest.code if newest else "none"

    def acts(self) -> list[Callable[[], Any]]:
        room, pick = self.room, self.random.choice
        return [
            *[lambda: post_message(room, actor=self.somebody(), client_id=self.word().replace(" ", "-"), body="x")] * 4,
            *[lambda: join_room(room, actor=self.somebody())] * 3,
            lambda: leave_room(room, actor=self.somebody()),
            lambda: add_member(room, actor=self.anyone(), user=self.somebody()),
            lambda: remove_member(room, actor=self.anyone(), user=self.somebody()),
            *[lambda: grant_admin(room, actor=self.anyone(), user=self.somebody())] * 2,
            lambda: revoke_admin(room, actor=self.anyone(), user=self.somebody()),
            lambda: rename_room(room, actor=self.anyone(), name=self.word()),
            lambda: set_topic(room, actor=self.anyone(), topic=pick(["", self.word()])),
            lambda: set_kind(room, actor=self.anyone(), kind=pick(["public", "private"]), confirm=pick([True, False])),
            lambda: invite(room, actor=self.anyone(), uses=pick([None, 1, 2])),
            lambda: accept_invitation(self.code(), actor=self.somebody()),
            lambda: revoke_invitation(room, actor=self.anyone(), invitation_id=1),
            lambda: mute_room(room, actor=self.somebody(), muted=True),
            lambda: mark_read(room, actor=self.somebody(), seq=self.seq()),
            lambda: report_message(room, actor=self.somebody(), seq=self.seq()),
            lambda: redact_message(room, actor=self.staff, seq=self.seq()),
            *[lambda: pin_message(room, actor=self.anyone(), seq=self.seq())] * 2,
            lambda: unpin_message(room, actor=self.anyone(), seq=self.seq()),
            lambda: delete_room(room, actor=self.anyone()),
            *[lambda: restore_room(room, actor=self.staff)] * 2,
            lambda: suspend(self.somebody(), actor=self.staff),
            *[lambda: reactivate(self.somebody(), actor=self.staff)] * 2,
            lambda: block_user(self.somebody(), actor=self.somebody()),
            lambda: unblock_user(self.somebody(), actor=self.somebody()),
            lambda: open_direct(actor=self.somebody(), user=self.somebody()),
            self.replace_somebody,
        ]

    def replace_somebody(self) -> None:
        """Delete an account, now and then; somebody new comes in its place."""
        if self.random.random() < 0.4:
            place = self.random.randrange(len(self.people))
            delete_account(self.people[place])
            self.people[place] = new_user(self.word().replace(" ", "-"))

    def step(self) -> None:
        try:
            self.random.choice(self.acts())()
            self.outcomes["done"] += 1
        except (RoomError, AccountError) as refusal:
            self.outcomes[refusal.code] += 1


def is_looked_after(room: Room) -> bool:
    able = room.memberships.active().filter(user__is_active=True).count()
    return room.is_deleted or able < 2 or bool(active_admins(room))


@pytest.mark.parametrize("seed", WALKS)
def test_a_snapshot_and_the_rows_after_it_are_a_fresh_snapshot(seed: int, dana: User) -> None:
    walk = Walk(seed, dana)
    live, away = Replica(snapshot(walk.room)), Replica(snapshot(walk.room))
    for step in range(STEPS):
        walk.step()
        live.apply(rows_after(walk.room, live.state["head"]))
        assert live.state == snapshot(walk.room), f"step {step}"
        assert is_looked_after(Room.objects.get(pk=walk.room.pk)), f"step {step}"
        if walk.random.random() < 0.1:
            # Somebody else who comes back after a while reads the rows as they are by now.
            away.apply(rows_after(walk.room, away.state["head"]))
            assert away.state == live.state, f"step {step}"
            away = Replica(snapshot(walk.room))
    assert is_whole(walk.room)
    assert walk.outcomes["done"] > STEPS // 6


def test_the_reference_knows_every_kind_of_row() -> None:
    known = {name.removeprefix("on_") for name in dir(Replica) if name.startswith("on_")}
    assert known | {"text", "file"} == set(Message.Kind.values)
