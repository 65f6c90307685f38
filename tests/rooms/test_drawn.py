"""What is not drawn takes no place in a page of what is, and costs it nothing."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.actions.pins import pin_message, unpin_message
from rooms.events import message_json
from rooms.log import triggers
from rooms.models import Message, Room
from rooms.queries import message_rows
from rooms.realtime.fanout import log_reader
from tests.rooms.conftest import session_of
from tests.rooms.facts import is_whole
from tests.rooms.sql import plan_of, statements

pytestmark = [pytest.mark.rules, pytest.mark.django_db]

Json = dict[str, Any]


def say(room: Room, actor: User, words: str) -> int:
    return post_message(room, actor=actor, client_id=words.replace(" ", "-"), body=words).row.seq


def to_and_fro(room: Room, actor: User, seq: int, times: int) -> None:
    """Rows that nobody sees."""
    for _ in range(times):
        pin_message(room, actor=actor, seq=seq)
        unpin_message(room, actor=actor, seq=seq)


@pytest.fixture
def seqs(room: Room, alice: User) -> list[int]:
    """Three messages that are drawn, far from each other."""
    found = []
    for words in ("one", "two", "three"):
        found.append(say(room, alice, words))
        to_and_fro(room, alice, found[0], 4)
    pin_message(room, actor=alice, seq=found[1])
    room.refresh_from_db()
    return found


def read(room: Room, user: User, query: str = "") -> Json:
    client = Client(headers={"X-Session-Token": session_of(user)})
    answer: Json = json.loads(client.get(f"/api/v1/rooms/{room.pk}/messages{query}").content)
    return answer


def test_a_page_holds_as_many_drawn_rows_as_were_asked_for(room: Room, bob: User, seqs: list[int]) -> None:
    newest = read(room, bob, "?limit=2")
    assert [row["seq"] for row in newest["messages"]] == seqs[1:]
    assert newest["more"]
    older = read(room, bob, f"?limit=2&before={seqs[1]}")
    assert [(row["seq"], row["kind"]) for row in older["messages"]] == [(2, "joined"), (seqs[0], "text")]
    oldest = read(room, bob, "?limit=2&before=2")
    assert [(row["seq"], oldest["more"]) for row in oldest["messages"]] == [(1, False)]


def test_so_it_is_in_the_other_direction_and_on_both_sides(room: Room, bob: User, seqs: list[int]) -> None:
    page = read(room, bob, f"?after={seqs[0]}&drawn=1&limit=1")
    assert ([row["seq"] for row in page["messages"]], page["more_after"]) == (seqs[1:2], True)
    page = read(room, bob, f"?after={seqs[0]}&drawn=1&limit=2")
    assert ([row["seq"] for row in page["messages"]], page["more_after"]) == (seqs[1:], False)
    # Around a row that is not drawn: the nearest takes its place.
    page = read(room, bob, f"?around={seqs[1] + 1}&limit=4")
    assert ([row["seq"] for row in page["messages"]], page["around"]) == (seqs, seqs[1])
    assert (page["hash"], page["more_before"], page["more_after"]) == (bytes(room.head_hash).hex(), True, False)


def test_each_has_the_state_that_the_others_gave_it(room: Room, bob: User, seqs: list[int]) -> None:
    assert [row["pinned"] for row in read(room, bob)["messages"][-3:]] == [False, True, False]
    assert [row["pinned"] for row in read(room, bob, f"?before={seqs[2]}&limit=2")["messages"]] == [False, True]


def test_the_newest_page_says_where_the_log_ends(room: Room, bob: User, seqs: list[int]) -> None:
    page = read(room, bob)
    assert (page["head"], page["hash"]) == (room.last_seq, bytes(room.head_hash).hex())
    assert page["head"] > page["messages"][-1]["seq"]
    assert [pin["seq"] for pin in page["pins"]] == [seqs[1]]
    # From there on, nothing is missing.
    after = read(room, bob, f"?after={page['head']}&hash={page['hash']}")
    assert (after["messages"], after["reset"], after["pins"], after["hash"]) == ([], False, None, None)


def test_reading_on_has_every_row(room: Room, bob: User, seqs: list[int]) -> None:
    found: list[int] = []
    while True:
        page = read(room, bob, f"?limit=7&after={found[-1] if found else 0}")
        found += [row["seq"] for row in page["messages"]]
        if not page["more"]:
            break
    assert found == [*range(1, room.last_seq + 1)]
    assert is_whole(room)


def test_a_socket_that_starts_anew_is_told_the_same(room: Room, bob: User, seqs: list[int]) -> None:
    entry = log_reader.read_entry(room.pk, bob, None, None)
    page = read(room, bob)
    assert [json.loads(text)["seq"] for text in entry.texts] == [row["seq"] for row in page["messages"]]
    assert (entry.head, entry.hash, entry.pins) == (page["head"], page["hash"], page["pins"])


def test_the_room_s_page_is_told_the_same(room: Room, bob: User, seqs: list[int], client: Client) -> None:
    client.force_login(bob)
    data = client.get(f"/rooms/{room.pk}/").context["page_data"]
    page = read(room, bob)
    assert [row["seq"] for row in data["messages"]] == [row["seq"] for row in page["messages"]]
    assert (data["room"]["head"], data["hash"], data["pins"]) == (page["head"], page["hash"], page["pins"])


def test_models_and_plain_rows_show_the_same(room: Room, seqs: list[int]) -> None:
    by_model = [message_json(row) for row in Message.objects.filter(room=room.pk).with_people().after(seqs[2])[:9]]
    assert [message_json(row) for row in message_rows.after(room.pk, seqs[2], 9)] == by_model
    drawn = [message_json(row) for row in room.messages.newest(4)]
    assert [message_json(row) for row in message_rows.before(room.pk, room.last_seq + 1, 4)][::-1] == drawn


def test_no_undrawn_row_is_read_for_a_page(room: Room, alice: User, bob: User) -> None:
    """However many of them lie between: the index has the drawn rows alone."""
    seq = say(room, alice, "one")
    pin_message(room, actor=alice, seq=seq)
    hide_all_after(room, seq)
    say(room, alice, "two")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with statements() as found:
        assert len(message_rows.before(room.pk, 2**60, 3)) == 3
    assert "rooms_message_drawn" in " ".join(plan_of(*found[0]))


def hide_all_after(room: Room, seq: int) -> None:
    """Let there be many rows that are not drawn: without hashes, for no reader of a page looks at those."""
    room.refresh_from_db()
    last = room.messages.get(seq=room.last_seq)
    start, end = room.last_seq + 1, room.last_seq + 3_000
    fields = {name: getattr(last, name) for name in ("kind", "target_seq", "created_at", "salt", "body_digest", "hash")}
    rows = [
        Message(room=room, seq=n, author_id=last.author_id, is_drawn=False, hash_format=2, **fields)
        for n in range(start, end + 1)
    ]
    with triggers.lifted():
        Message.objects.bulk_create(rows)
    Room.objects.filter(pk=room.pk).update(last_seq=end)
