"""The log: seq without gaps, one row for one client_id, whatever comes at once."""

from collections import Counter

import pytest

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import leave_room, remove_member
from rooms.actions.messages import post_message, post_messages
from rooms.actions.posts import Posted, clean_post
from rooms.actions.rooms import delete_room, open_room
from rooms.log.verify import faults_of, miscount_of
from rooms.models import Message, Room
from rooms.realtime.writer import writer
from tests.rooms.races import at_once

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def is_whole(room: Room) -> bool:
    room = Room.objects.get(pk=room.pk)
    return not [*faults_of(room)] and miscount_of(room) is None


def test_eight_threads_posting_a_thousand_messages_leave_no_gap(room: Room, alice: User) -> None:
    before = room.last_seq

    def post_many(thread: int) -> None:
        for number in range(125):
            post_message(room, actor=alice, client_id=f"{thread}-{number}", body=f"{thread} says {number}")

    at_once(8, post_many)
    seqs = list(room.messages.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, before + 1001))
    assert is_whole(room)
    talk = list(room.messages.filter(kind="text").order_by("seq").values_list("talk", flat=True))
    assert talk == list(range(1, 1001))


def test_each_thread_s_own_messages_keep_their_order(room: Room, alice: User) -> None:
    at_once(
        4,
        lambda thread: [
            post_message(room, actor=alice, client_id=f"{thread}-{number}", body=str(number)) for number in range(20)
        ],
    )
    rows = room.messages.filter(kind="text").order_by("seq").values_list("client_id", "body")
    for thread in range(4):
        assert [body for key, body in rows if key.startswith(f"{thread}-")] == [str(number) for number in range(20)]


def test_the_same_client_id_from_twenty_at_once_is_one_row_and_one_answer(room: Room, bob: User) -> None:
    answers = at_once(20, lambda _: post_message(room, actor=bob, client_id="same", body="Once, please."))
    assert len({answer.row.pk for answer in answers}) == 1
    assert Counter(answer.created for answer in answers) == {True: 1, False: 19}
    assert room.messages.filter(client_id="same").count() == 1


def test_the_same_client_id_from_twenty_at_once_through_the_writer_is_one_row(room: Room, bob: User) -> None:
    post = clean_post(room_id=room.pk, author=bob, client_id="same", body="Once, please.")
    answers = at_once(20, lambda _: writer.post(post))
    assert Counter(answer.created for answer in answers) == {True: 1, False: 19}
    assert room.messages.filter(client_id="same").count() == 1


def test_a_client_id_with_other_words_is_refused_and_stores_nothing(room: Room, bob: User) -> None:
    post_message(room, actor=bob, client_id="same", body="First words.")
    with pytest.raises(errors.ClientIdReused):
        post_message(room, actor=bob, client_id="same", body="Other words.")
    assert room.messages.get(client_id="same").body == "First words."
    assert is_whole(room)


def test_two_people_may_use_the_same_client_id(room: Room, alice: User, bob: User) -> None:
    first = post_message(room, actor=alice, client_id="1", body="Mine.")
    second = post_message(room, actor=bob, client_id="1", body="Mine.")
    assert first.row.pk != second.row.pk


def test_in_a_batch_a_bad_post_fails_alone(room: Room, alice: User, bob: User, charlie: User) -> None:
    other = open_room(actor=charlie, name="Elsewhere")
    answers = post_messages(
        [
            clean_post(room_id=room.pk, author=alice, client_id="a", body="one"),
            clean_post(room_id=room.pk, author=charlie, client_id="b", body="I am not a member"),
            clean_post(room_id=other.pk, author=charlie, client_id="c", body="here I am"),
            clean_post(room_id=room.pk, author=alice, client_id="a", body="one"),
            clean_post(room_id=room.pk, author=alice, client_id="a", body="another"),
            clean_post(room_id=room.pk, author=bob, client_id="d", body="two"),
        ]
    )
    kinds = [answer.created if isinstance(answer, Posted) else answer.code for answer in answers]
    assert kinds == [True, "join_first", True, False, "client_id_reused", True]
    assert list(room.messages.filter(kind="text").order_by("seq").values_list("body", flat=True)) == ["one", "two"]
    assert is_whole(room)
    assert is_whole(other)


def test_who_was_removed_or_left_or_is_suspended_cannot_post(room: Room, alice: User, bob: User) -> None:
    remove_member(room, actor=alice, user=bob)
    with pytest.raises(errors.Removed):
        post_message(room, actor=bob, client_id="1", body="Still here?")
    alice.is_active = False
    alice.save()
    with pytest.raises(errors.NoSuchRoom):
        post_message(room, actor=alice, client_id="1", body="Still here?")
    assert not room.messages.filter(kind="text").exists()


def test_who_left_is_told_to_join_again(room: Room, bob: User) -> None:
    leave_room(room, actor=bob)
    with pytest.raises(errors.Left):
        post_message(room, actor=bob, client_id="1", body="Still here?")


def test_nobody_posts_into_a_deleted_room(room: Room, alice: User) -> None:
    delete_room(room, actor=alice)
    with pytest.raises(errors.RoomDeleted):
        post_message(room, actor=alice, client_id="1", body="Anybody?")


@pytest.mark.parametrize(
    ("client_id", "body", "code"),
    [
        ("1", "", "empty"),
        ("1", " \n\t ", "empty"),
        ("1", "x" * 10_001, "too_long"),
        ("1", "zero \0 byte", "bad_message"),
        ("1", "half \ud83d pair", "bad_message"),
        ("1", None, "bad_message"),
        ("", "words", "bad_client_id"),
        ("x" * 65, "words", "bad_client_id"),
        ("sp ace", "words", "bad_client_id"),
        (None, "words", "bad_client_id"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(room: Room, bob: User, client_id: str, body: str, code: str) -> None:
    with pytest.raises(errors.RoomError) as refusal:
        post_message(room, actor=bob, client_id=client_id, body=body)
    assert refusal.value.code == code
    assert not Message.objects.filter(kind="text").exists()


@pytest.mark.parametrize(
    "body",
    [
        "x" * 10_000,
        "\U0001f469\u200d\U0001f467 " * 100,
        "مرحبا بالعالم",
        "<script>alert(1)</script>",
        "a\nb\n\nc",
        "\u202ebackwards",
    ],
)
def test_what_people_write_is_stored_as_it_is(room: Room, bob: User, body: str) -> None:
    posted = post_message(room, actor=bob, client_id="1", body=body)
    assert Message.objects.get(pk=posted.row.pk).body == body.strip("\n")
