"""What becomes of somebody's rooms when their account is deleted or turned off."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.actions import delete_account
from accounts.models import User
from rooms import errors
from rooms.actions.memberships import add_member, grant_admin, join_room, revoke_admin
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.log.verify import faults_of
from rooms.models import Membership, Message, Room
from tests.conftest import new_user
from tests.rooms.conftest import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


def kinds(room: Room) -> list[tuple[str, User | None, User | None]]:
    return [(row.kind, row.author, row.subject) for row in room.messages.with_people().order_by("seq")]


def turn_off(user: User, capture: DjangoCaptureOnCommitCallbacks) -> None:
    with capture(execute=True):
        user.is_active = False
        user.save(update_fields=["is_active"])


def test_the_longest_standing_member_inherits_the_room(room: Room, alice: User, bob: User, charlie: User) -> None:
    join_room(room, actor=charlie)

    delete_account(alice)

    assert kinds(room)[-2:] == [("left", alice, alice), ("admin_granted", None, bob)]
    assert [row.user for row in room.memberships.admins()] == [bob]
    room.refresh_from_db()
    assert room.member_count == 2


def test_messages_stay_under_a_deleted_account(room: Room, alice: User, bob: User) -> None:
    post_message(room, actor=alice, client_id="1", body="I was here")

    delete_account(alice)

    answer = Client().get(f"/api/rooms/{room.pk}/messages", headers={"X-Session-Token": session_of(bob)}).json()
    message = next(row for row in answer["messages"] if row["body"] == "I was here")
    assert message["author"]["display_name"] == "deleted account"
    assert "alice" not in str(answer)
    room.refresh_from_db()
    assert not list(faults_of(room))


def test_a_room_whose_last_member_goes_stays_and_the_next_one_looks_after_it(alice: User, bob: User) -> None:
    room = open_room(actor=alice, name="Den")
    delete_account(alice)

    membership = join_room(room, actor=bob)

    assert membership.is_admin
    assert kinds(room)[-2:] == [("joined", bob, None), ("admin_granted", None, bob)]


def test_another_admin_is_enough(room: Room, alice: User, bob: User) -> None:
    grant_admin(room, actor=alice, user=bob)

    delete_account(alice)

    assert kinds(room)[-1] == ("left", alice, alice)


def test_a_room_gets_an_admin_when_its_last_is_turned_off(
    room: Room,
    alice: User,
    bob: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    turn_off(alice, django_capture_on_commit_callbacks)

    assert kinds(room)[-1] == ("admin_granted", None, bob)
    with pytest.raises(errors.LastAdmin):
        revoke_admin(room, actor=bob, user=bob)


def test_a_suspended_or_deleted_member_inherits_no_admin_role(
    room: Room,
    alice: User,
    bob: User,
    charlie: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    join_room(room, actor=charlie)
    turn_off(bob, django_capture_on_commit_callbacks)

    delete_account(alice)

    assert kinds(room)[-1] == ("admin_granted", None, charlie)


def test_a_deleted_account_joins_nothing(room: Room, alice: User, charlie: User) -> None:
    stale = User.objects.get(pk=charlie.pk)
    delete_account(charlie)

    with pytest.raises(errors.NoSuchPerson):
        join_room(room, actor=stale)
    with pytest.raises(errors.NoSuchPerson):
        add_member(room, actor=alice, user=stale)


# --- Races -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_go_at_once_leave_the_room_to_a_member(alice: User, pool: ThreadPoolExecutor) -> None:
    for number in range(10):
        start = Barrier(2, timeout=20)
        one, two, heir = (new_user(f"{name}{number}") for name in ("one", "two", "heir"))
        room = open_room(actor=one, name=f"Room {number}")
        for user in (two, heir):
            join_room(room, actor=user)
        grant_admin(room, actor=one, user=two)

        def go(user: User, start: Barrier = start) -> None:
            start.wait()
            delete_account(user)
            connections.close_all()

        list(pool.map(go, (one, two)))

        assert [row.user for row in room.memberships.admins()] == [heir]
        room.refresh_from_db()
        assert room.member_count == 1


@pytest.mark.django_db(transaction=True)
def test_joining_and_being_deleted_at_once_leaves_no_ghost(alice: User, pool: ThreadPoolExecutor) -> None:
    room = open_room(actor=alice, name="Lobby")
    for number in range(10):
        start = Barrier(2, timeout=20)
        ghost = new_user(f"ghost{number}")

        def join(ghost: User = ghost, start: Barrier = start) -> None:
            start.wait()
            try:
                join_room(room, actor=ghost)
            except errors.NoSuchPerson:
                pass
            finally:
                connections.close_all()

        def go(ghost: User = ghost, start: Barrier = start) -> None:
            start.wait()
            delete_account(ghost)
            connections.close_all()

        for work in [pool.submit(join), pool.submit(go)]:
            work.result()

    assert not Membership.objects.active().exclude(user=alice).exists()
    assert not Message.objects.filter(author=None).exists()
