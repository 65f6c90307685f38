"""How many unread messages call a member by name: exact after whatever is said, read, erased, left and joined."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings, strategies as st

from accounts.models import User
from rooms.actions.memberships import add_member, join_room, leave_room, mark_read, remove_member
from rooms.actions.moderation import redact_message
from rooms.actions.rooms import delete_room, open_room, purge_room
from rooms.log import mentions, state
from rooms.models import KEPT_DELETED, Membership, Mention, Room
from rooms.queries.mentions import mentions_of
from tests.rooms.callers import say
from tests.rooms.races import at_once

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def unread_of(room: Room, user: User) -> int:
    return int(room.memberships.get(user=user).unread_mentions)


def test_who_is_called_has_one_more(room: Room, alice: User, bob: User) -> None:
    say(room, alice, bob)
    say(room, alice, bob, bob)
    say(room, alice)
    assert (unread_of(room, bob), unread_of(room, alice)) == (2, 0)


def test_nobody_calls_themselves_or_a_stranger_or_twice(room: Room, alice: User, bob: User, charlie: User) -> None:
    row = say(room, alice, alice, bob, charlie)
    with transaction.atomic():
        mentions.call(row, [bob.pk])
    assert (unread_of(room, alice), unread_of(room, bob)) == (0, 1)
    assert list(Mention.objects.values_list("user", "talk")) == [(bob.pk, row.talk)]


def test_reading_a_part_leaves_those_after_it(room: Room, alice: User, bob: User) -> None:
    rows = [say(room, alice, *([bob] if number % 2 else [])) for number in range(6)]
    assert unread_of(room, bob) == 3
    for seq, left in ((rows[1].seq, 2), (rows[2].seq, 2), (rows[0].seq, 2), (rows[5].seq, 0)):
        mark_read(room, actor=bob, seq=seq)
        assert unread_of(room, bob) == left
    say(room, alice, bob)
    assert unread_of(room, bob) == 1


def test_words_that_are_erased_call_nobody(room: Room, alice: User, bob: User, dana: User) -> None:
    read, unread = say(room, alice, bob), say(room, alice, bob)
    mark_read(room, actor=bob, seq=read.seq)
    for row in (read, unread, unread):
        redact_message(room, actor=dana, seq=row.seq)
    assert unread_of(room, bob) == 0
    assert not Mention.objects.exists()


@pytest.mark.parametrize("end", [leave_room, remove_member])
def test_who_comes_back_was_called_by_nothing(
    room: Room, alice: User, bob: User, dana: User, end: Callable[..., None]
) -> None:
    row = say(room, alice, bob)
    end(room, actor=bob) if end is leave_room else end(room, actor=alice, user=bob)
    say(room, alice, bob)
    assert mentions_of([bob.pk]) == {bob.pk: 0}
    add_member(room, actor=alice, user=bob)
    assert unread_of(room, bob) == 0
    redact_message(room, actor=dana, seq=row.seq)
    assert unread_of(room, bob) == 0


def test_the_sum_is_that_of_all_rooms_that_one_is_in(room: Room, den: Room, alice: User, bob: User) -> None:
    gone, deleted = (open_room(actor=alice, name=name) for name in ("Gone", "Deleted"))
    for place in (gone, deleted):
        join_room(place, actor=bob)
    for place in (room, room, den, gone, deleted):
        say(place, alice, bob)
    leave_room(gone, actor=bob)
    delete_room(deleted, actor=alice)
    assert mentions_of([bob.pk, alice.pk]) == {bob.pk: 3, alice.pk: 0}


def test_a_room_with_mentions_can_be_purged(room: Room, alice: User, bob: User) -> None:
    say(room, alice, bob)
    delete_room(room, actor=alice)
    Room.objects.filter(pk=room.pk).update(deleted_at=timezone.now() - KEPT_DELETED * 2)
    purge_room(room)
    assert not Mention.objects.exists()


@pytest.mark.parametrize("number", [0, 7])
def test_a_wrong_number_is_found_and_counted_anew(room: Room, alice: User, bob: User, number: int) -> None:
    say(room, alice, bob)
    assert state.fault_of(room) is None
    room.memberships.filter(user=bob).update(unread_mentions=number)
    assert state.fault_of(room) == "1 of its members have other mentions than are counted for them"
    assert list(state.rooms_with_state()) == [room]
    state.rebuild(room)
    assert (state.fault_of(room), unread_of(room, bob)) == (None, 1)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sets(st.sampled_from(["alice", "bob", "dana"]))),
        st.tuples(st.just("read"), st.integers(0, 30)),
        st.tuples(st.just("erase"), st.integers(1, 30)),
        st.tuples(st.sampled_from(["leave", "join"]), st.none()),
    ),
    max_size=20,
)


@given(acts=ACTS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_number_is_always_that_of_the_mentions_after_what_was_read(acts: list[tuple[str, Any]]) -> None:
    with transaction.atomic():
        people = {name: User.objects.create_user(name, f"{name}@example.org") for name in ("alice", "bob")}
        people["dana"] = User.objects.create_user("dana", "dana@example.org", is_staff=True, is_superuser=True)
        alice, bob, dana = people.values()
        room = open_room(actor=alice, name="Model")
        join_room(room, actor=bob)
        for act, what in acts:
            is_in = room.memberships.active().filter(user=bob).exists()
            if act == "say":
                say(room, alice, *(people[name] for name in sorted(what)))
            elif act == "read" and is_in:
                mark_read(room, actor=bob, seq=what)
            elif act == "erase" and room.messages.filter(seq=what, talk__isnull=False).exists():
                redact_message(room, actor=dana, seq=what)
            elif act == "leave" and is_in:
                leave_room(room, actor=bob)
            elif act == "join":
                join_room(room, actor=bob)
            assert state.fault_of(room) is None
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_the_number_holds_whatever_comes_at_once(room: Room, alice: User, bob: User, dana: User) -> None:
    """Two call, one erases, two read, each twenty times."""
    rows = [say(room, alice, bob) for _ in range(20)]

    def call(_number: int) -> None:
        say(room, alice, bob)

    def read(number: int) -> None:
        newest = room.messages.order_by("-seq").values_list("seq", flat=True)[0]
        mark_read(room, actor=bob, seq=newest - number % 3)

    def erase(number: int) -> None:
        redact_message(room, actor=dana, seq=rows[number % len(rows)].seq)

    acts = (call, read, erase, call, read)

    def work(which: int) -> None:
        for number in range(20):
            acts[which](number)

    at_once(len(acts), work)
    assert state.fault_of(room) is None
    membership = Membership.objects.get(room=room, user=bob)
    newest = room.messages.order_by("-seq").values_list("seq", flat=True)[0]
    mark_read(room, actor=bob, seq=newest)
    membership.refresh_from_db()
    assert membership.unread_mentions == 0
