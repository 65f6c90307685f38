"""What two people do to one room at the same moment, hundreds of times: whoever is first, the rules hold afterwards.

What is made ready for a round, and put back after it, shares a transaction where it can, for a commit is what costs.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections, transaction

from accounts.actions import delete_account, reactivate, suspend
from accounts.errors import AccountError
from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.invitations import accept_invitation, invite
from rooms.actions.memberships import (
    add_member,
    grant_admin,
    join_room,
    leave_room,
    remove_member,
    revoke_admin,
)
from rooms.actions.messages import post_message
from rooms.actions.posts import clean_post
from rooms.actions.rooms import delete_room, open_room, restore_room, set_kind
from rooms.errors import RoomError
from rooms.models import Membership, Message, Room
from rooms.realtime.writer import writer
from tests.conftest import new_user
from tests.rooms.facts import active_admins, is_whole

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

ROUNDS = 200
# Where each round costs more: people and a room of its own, or ten at once.
FEWER_ROUNDS = 60
MOST_AT_ONCE = 10
# Seconds by which one of those who start together may be late, so that each of them is first at times.
LATE = 0.003

Act = Callable[[], object]
Race = Callable[..., tuple[str, ...]]


@pytest.fixture
def race() -> Iterator[Race]:
    """Do several acts at the same moment; return for each ``done`` or the code by which it was refused."""
    delays = random.Random(4)

    def race(*acts: Act) -> tuple[str, ...]:
        start = Barrier(len(acts), timeout=20)
        late = [delays.random() * LATE for _ in acts]

        def run(act: Act, delay: float) -> str:
            start.wait()
            time.sleep(delay)
            try:
                act()
            except (RoomError, AccountError) as refusal:
                return refusal.code
            return "done"

        return tuple(pool.map(run, acts, late))

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        yield race
        together = Barrier(MOST_AT_ONCE, timeout=20)

        def close(_number: int) -> None:
            together.wait()
            connections.close_all()

        list(pool.map(close, range(MOST_AT_ONCE)))


def is_looked_after(room: Room) -> bool:
    """Whether the count is true and, of two members who can log in or more, one is an admin."""
    room = Room.objects.get(pk=room.pk)
    members = room.memberships.active()
    able = members.filter(user__is_active=True).count()
    return room.member_count == members.count() and (able < 2 or bool(active_admins(room)))


@transaction.atomic
def room_of_three(number: int) -> tuple[Room, User, User, User]:
    """A new room with its admin and two members, the longest-standing first."""
    first, second, third = (new_user(f"{name}{number}") for name in ("first", "second", "third"))
    room = open_room(actor=first, name=f"Room {number}")
    for user in (second, third):
        join_room(room, actor=user)
    return room, first, second, third


def make_admins(room: Room, *people: User) -> None:
    Membership.objects.filter(room=room, user__in=people).update(role=Membership.Role.ADMIN)


# --- Admins ----------------------------------------------------------------------------------------------------------


def test_of_two_admins_who_revoke_each_other_one_stays(race: Race, room: Room, alice: User, bob: User) -> None:
    outcomes: Counter[tuple[str, ...]] = Counter()
    for _round in range(ROUNDS):
        make_admins(room, alice, bob)
        outcomes[
            race(
                lambda: revoke_admin(room, actor=alice, user=bob),
                lambda: revoke_admin(room, actor=bob, user=alice),
            )
        ] += 1
        assert len(active_admins(room)) == 1
    assert set(outcomes) <= {("done", "not_admin"), ("not_admin", "done")}
    assert is_whole(room)


def test_of_the_last_two_admins_who_give_up_at_once_one_stays(race: Race, room: Room, alice: User, bob: User) -> None:
    outcomes: Counter[tuple[str, ...]] = Counter()
    for _round in range(ROUNDS):
        make_admins(room, alice, bob)
        outcomes[
            race(
                lambda: revoke_admin(room, actor=alice, user=alice),
                lambda: revoke_admin(room, actor=bob, user=bob),
            )
        ] += 1
        assert len(active_admins(room)) == 1
    assert set(outcomes) <= {("done", "last_admin"), ("last_admin", "done")}
    assert is_whole(room)


def test_granting_against_an_account_that_ends_leaves_no_ghost(race: Race, room: Room, alice: User) -> None:
    for number in range(FEWER_ROUNDS):
        with transaction.atomic():
            eve = new_user(f"eve{number}")
            join_room(room, actor=eve)
        granted, gone = race(lambda: grant_admin(room, actor=alice, user=eve), lambda: delete_account(eve))  # noqa: B023
        assert (granted, gone) in {("done", "done"), ("not_member", "done")}
        assert active_admins(room) == {alice}
        assert not room.membership_of(eve).is_active
    assert is_looked_after(room)
    assert is_whole(room)


def test_the_admin_s_account_ends_while_the_other_admin_gives_up(race: Race) -> None:
    for number in range(FEWER_ROUNDS):
        room, one, two, _heir = room_of_three(number)
        make_admins(room, two)
        race(lambda: delete_account(one), lambda: revoke_admin(room, actor=two, user=two))  # noqa: B023
        assert len(active_admins(room)) == 1
        assert is_looked_after(room)
        assert is_whole(room)


def test_the_admin_s_account_ends_while_the_heir_is_suspended(race: Race, dana: User) -> None:
    for number in range(FEWER_ROUNDS):
        room, admin, heir, third = room_of_three(number)
        assert race(lambda: delete_account(admin), lambda: suspend(heir, actor=dana)) == ("done", "done")  # noqa: B023
        assert active_admins(room) == {third}
        assert is_whole(room)


def test_the_admin_is_suspended_while_the_heir_leaves(
    race: Race, room: Room, alice: User, bob: User, charlie: User, dana: User
) -> None:
    outcomes: Counter[tuple[str, ...]] = Counter()
    join_room(room, actor=charlie)
    for _round in range(FEWER_ROUNDS):
        outcomes[race(lambda: suspend(alice, actor=dana), lambda: leave_room(room, actor=bob))] += 1
        assert len(active_admins(room)) == 1
        assert is_looked_after(room)
        with transaction.atomic():
            reactivate(alice, actor=dana)
            add_member(room, actor=dana, user=bob)
            # As it was: alice is the admin, and bob has been here longer than charlie.
            Membership.objects.filter(room=room).exclude(user=alice).update(role=Membership.Role.MEMBER)
            Membership.objects.filter(room=room, user=bob).update(joined_at=room.created_at)
    assert set(outcomes) <= {("done", "done"), ("done", "last_admin"), ("done", "give_up_first")}
    assert is_whole(room)


# --- Members ---------------------------------------------------------------------------------------------------------


def test_leaving_against_being_removed_is_one_of_the_two(race: Race, room: Room, alice: User, bob: User) -> None:
    for _round in range(ROUNDS):
        outcome = race(lambda: leave_room(room, actor=bob), lambda: remove_member(room, actor=alice, user=bob))
        state = room.membership_of(bob).state
        assert (outcome, state) in {(("done", "not_member"), "left"), (("removed", "done"), "removed")}
        assert room.messages.newest(1)[0].kind == state
        assert is_looked_after(room)
        add_member(room, actor=alice, user=bob)
    assert is_whole(room)


def test_nobody_joins_a_room_after_it_was_deleted(
    race: Race, room: Room, alice: User, charlie: User, dana: User
) -> None:
    for _round in range(ROUNDS):
        joined, deleted = race(lambda: join_room(room, actor=charlie), lambda: delete_room(room, actor=alice))
        assert joined in {"done", "no_such_room", "room_deleted"}
        assert deleted == "done"
        assert room.messages.newest(1)[0].kind == Message.Kind.DELETED
        with transaction.atomic():
            restore_room(room, actor=dana)
            if joined == "done":
                leave_room(room, actor=charlie)
        assert is_looked_after(room)
    assert is_whole(room)


def test_nobody_joins_a_room_after_it_became_private(race: Race, room: Room, alice: User, charlie: User) -> None:
    for _round in range(FEWER_ROUNDS):
        joined, _changed = race(
            lambda: join_room(room, actor=charlie), lambda: set_kind(room, actor=alice, kind="private")
        )
        before, last = room.messages.newest(2)
        assert (joined, last.kind) in {("done", "kind_changed"), ("no_such_room", "kind_changed")}
        assert ((before.kind, before.author) == ("joined", charlie)) == (joined == "done")
        with transaction.atomic():
            set_kind(room, actor=alice, kind="public", confirm=True)
            if joined == "done":
                leave_room(room, actor=charlie)
    assert is_whole(room)


def test_joining_against_being_suspended_is_being_in_and_turned_off_or_not_in(
    race: Race, room: Room, alice: User, charlie: User, dana: User
) -> None:
    for _round in range(FEWER_ROUNDS):
        joined, suspended = race(lambda: join_room(room, actor=charlie), lambda: suspend(charlie, actor=dana))
        assert (joined, suspended) in {("done", "done"), ("no_such_person", "done")}
        membership = room.membership_of(charlie)
        assert (membership is not None and membership.is_active) == (joined == "done")
        assert is_looked_after(room)
        with transaction.atomic():
            reactivate(charlie, actor=dana)
            if joined == "done":
                leave_room(room, actor=charlie)
    assert is_whole(room)


def test_of_ten_who_follow_a_link_with_one_use_left_one_gets_in(race: Race, den: Room, alice: User) -> None:
    people = [new_user(f"guest{number}") for number in range(MOST_AT_ONCE)]
    for _round in range(FEWER_ROUNDS):
        invitation = invite(den, actor=alice, uses=1)
        outcomes = race(
            *(lambda person=person: accept_invitation(invitation.code, actor=person) for person in people)  # noqa: B023
        )
        assert Counter(outcomes) == {"done": 1, "bad_invitation": MOST_AT_ONCE - 1}
        invitation.refresh_from_db()
        assert (invitation.used, invitation.uses_left) == (1, 0)
        leave_room(den, actor=people[outcomes.index("done")])
        assert is_looked_after(den)
    assert is_whole(den)


def test_two_who_open_their_direct_room_at_once_are_in_one_and_both_see_it(race: Race, alice: User) -> None:
    for number in range(FEWER_ROUNDS):
        eve = new_user(f"eve{number}")
        outcome = race(lambda: open_direct(actor=alice, user=eve), lambda: open_direct(actor=eve, user=alice))  # noqa: B023
        assert outcome == ("done", "done")
        direct = Room.objects.of(eve).get()
        assert {row.user for row in Membership.objects.shown().filter(room=direct)} == {alice, eve}
        assert [row.kind for row in direct.messages.order_by("seq")] == ["opened"]
        assert is_whole(direct)


# --- Talk ------------------------------------------------------------------------------------------------------------


def test_nothing_is_said_by_somebody_after_the_row_that_removed_them(
    race: Race, room: Room, alice: User, bob: User
) -> None:
    def post_some(by: Callable[..., object]) -> None:
        for _ in range(2):
            by(clean_post(room_id=room.pk, author=bob, client_id=uuid4().hex, body="Still here"))

    def post_alone(post: object) -> None:
        post_message(room, actor=bob, client_id=post.client_id, body=post.body)  # type: ignore[attr-defined]

    for number in range(ROUNDS):
        by = (post_alone, writer.post)[number % 2]
        posted, removed = race(
            lambda by=by: post_some(by),
            lambda: remove_member(room, actor=alice, user=bob),
        )
        assert posted in {"done", "removed"}
        assert removed == "done"
        assert room.messages.newest(1)[0].kind == Message.Kind.REMOVED
        add_member(room, actor=alice, user=bob)
    assert is_whole(room)
