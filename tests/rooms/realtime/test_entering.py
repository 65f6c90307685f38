"""What somebody who comes in is sent first, and what it costs to find out."""

import json

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message
from rooms.events import message_event, room_json
from rooms.models import Message, Room
from rooms.queries.access import admit
from rooms.realtime import handshake
from rooms.realtime.fanout import log_reader
from tests.rooms.conftest import session_of

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def say(room: Room, user: User, *bodies: str) -> None:
    for body in bodies:
        post_message(room, actor=user, client_id=body, body=body)


def shown(room: Room, *, after: int = 0, up_to: int = 1_000_000) -> list[object]:
    rows = Message.objects.filter(room=room.pk, seq__lte=up_to).with_people().after(after)
    return [message_event(row) for row in rows]


def hash_at(room: Room, seq: int) -> str:
    return bytes(Message.objects.get(room=room, seq=seq).hash).hex()


def seqs(entry: log_reader.Entry) -> list[int]:
    return [json.loads(text)["seq"] for text in entry.texts]


@pytest.mark.parametrize("kind", ["public", "direct"])
def test_it_is_what_the_models_would_show(room: Room, alice: User, bob: User, kind: str) -> None:
    User.objects.filter(pk=alice.pk).update(display_name="Alice, who opened it")
    room = open_direct(actor=alice, user=bob) if kind == "direct" else room
    say(room, alice, "one", "two")
    entry = log_reader.read_entry(room.pk, bob, None, None)
    room = Room.objects.with_pair().find(room.pk)
    assert entry.room == room_json(room, room.membership_of(bob), bob)
    assert [json.loads(text) for text in entry.texts] == shown(room)
    assert (entry.head, entry.resumed, entry.more) == (room.last_seq, False, False)


def test_a_client_that_comes_back_is_sent_the_rows_that_it_missed(room: Room, alice: User, bob: User) -> None:
    say(room, alice, "one", "two")
    entry = log_reader.read_entry(room.pk, bob, 3, hash_at(room, 3))
    assert [json.loads(text) for text in entry.texts] == shown(room, after=3)
    assert entry.resumed
    other = log_reader.read_entry(room.pk, bob, 3, hash_at(room, 2))
    assert (other.resumed, seqs(other)) == (False, [1, 2, 3, 4])


def test_rows_that_are_committed_meanwhile_are_left_to_the_hub(
    room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(room, alice, "one", "two")

    def slowly(room_id: object, user: User) -> object:
        admitted = admit(room.pk, user)
        say(room, alice, f"meanwhile-{Room.objects.get(pk=room.pk).last_seq}")
        return admitted

    monkeypatch.setattr("rooms.realtime.fanout.log_reader.admit", slowly)
    entry = log_reader.read_entry(room.pk, bob, None, None)
    assert (entry.head, seqs(entry)) == (4, [1, 2, 3, 4])
    entry = log_reader.read_entry(room.pk, bob, 3, hash_at(room, 3))
    assert (entry.head, seqs(entry)) == (5, [4, 5])


def test_coming_in_asks_as_little_as_it_can(
    room: Room, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    say(room, alice, "one", "two")
    known = hash_at(room, 4)
    with django_assert_num_queries(3):
        log_reader.read_entry(room.pk, bob, None, None)
    # Nothing was missed.
    with django_assert_num_queries(2):
        assert log_reader.read_entry(room.pk, bob, 4, known).resumed
    key = session_of(bob)
    # The session, its user, and how many messages call them.
    with django_assert_num_queries(3):
        assert handshake.recognise(key)
