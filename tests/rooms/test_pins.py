"""Pinning: who may, what the log and the list of pins say of it, and what ends it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.actions.pins import pin_message, unpin_message
from rooms.actions.rooms import delete_room, purge_room
from rooms.log.append import Draft, chain_up, store
from rooms.log.state import fault_of, rebuild
from rooms.log.transcripts import readable_page
from rooms.models import KEPT_DELETED, PINS_MAX, Message, Pin, Room
from tests.rooms.facts import is_whole, last_audit_entry, last_row, last_target
from tests.security.tampering import change, exported, offline

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


@pytest.fixture
def words(room: Room, bob: User) -> Message:
    return post_message(room, actor=bob, client_id="1", body="We meet at eight").row


def pinned(room: Room) -> list[int]:
    return list(room.pins.newest_first().values_list("message__seq", flat=True))


def test_an_admin_pins_a_message_and_a_row_that_is_not_drawn_says_so(room: Room, words: Message, alice: User) -> None:
    row = pin_message(room, actor=alice, seq=words.seq)
    assert row
    assert last_row(room) == ("pinned", "alice", "bob", "")
    assert last_target(room) == words.seq
    assert (row.is_drawn, row.talk) == (False, None)
    assert pinned(room) == [words.seq]
    (pin,) = room.pins.with_people()
    assert (pin.row.author, pin.row.created_at) == (alice, row.created_at)
    assert last_audit_entry() == ("pinned", "alice", "bob")
    assert room.messages.with_people().get(seq=words.seq).is_pinned
    assert is_whole(room)


def test_to_pin_it_again_changes_nothing(room: Room, words: Message, alice: User) -> None:
    pin_message(room, actor=alice, seq=words.seq)
    assert pin_message(room, actor=alice, seq=words.seq) is None
    assert room.messages.filter(kind="pinned").count() == 1


def test_an_admin_unpins_it(room: Room, words: Message, alice: User) -> None:
    pin_message(room, actor=alice, seq=words.seq)
    unpin_message(room, actor=alice, seq=words.seq)
    assert last_row(room) == ("unpinned", "alice", "bob", "")
    assert pinned(room) == []
    assert unpin_message(room, actor=alice, seq=words.seq) is None
    room.refresh_from_db()
    assert (room.pin_count, is_whole(room)) == (0, True)


@pytest.mark.parametrize("act", [pin_message, unpin_message])
def test_only_the_room_s_admins_and_the_site_s_may(
    act: object, room: Room, words: Message, bob: User, charlie: User, dana: User
) -> None:
    assert callable(act)
    with pytest.raises(errors.NotAdmin):
        act(room, actor=bob, seq=words.seq)
    with pytest.raises(errors.JoinFirst):
        act(room, actor=charlie, seq=words.seq)
    act(room, actor=dana, seq=words.seq)


@pytest.mark.parametrize("act", [pin_message, unpin_message])
@pytest.mark.parametrize("seq", [0, -1, 1, 2, 99])
def test_what_is_no_message_is_none(act: object, room: Room, alice: User, seq: int) -> None:
    assert callable(act)
    with pytest.raises(errors.NoSuchMessage):
        act(room, actor=alice, seq=seq)


def test_in_a_direct_room_nobody_pins(alice: User, bob: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    seq = post_message(direct, actor=alice, client_id="1", body="Hello").row.seq
    with pytest.raises(errors.DirectRoom):
        pin_message(direct, actor=alice, seq=seq)


def test_what_is_erased_is_unpinned_and_stays_so(room: Room, words: Message, alice: User, dana: User) -> None:
    pin_message(room, actor=alice, seq=words.seq)
    redact_message(room, actor=dana, seq=words.seq)
    assert pinned(room) == []
    with pytest.raises(errors.Erased):
        pin_message(room, actor=alice, seq=words.seq)
    assert unpin_message(room, actor=alice, seq=words.seq) is None
    room.refresh_from_db()
    assert (room.pin_count, is_whole(room)) == (0, True)


def test_at_most_fifty_are_pinned(room: Room, alice: User) -> None:
    rows = [post_message(room, actor=alice, client_id=str(n), body="x").row for n in range(PINS_MAX + 1)]
    for row in rows[:-1]:
        pin_message(room, actor=alice, seq=row.seq)
    with pytest.raises(errors.TooManyPins):
        pin_message(room, actor=alice, seq=rows[-1].seq)
    unpin_message(room, actor=alice, seq=rows[0].seq)
    pin_message(room, actor=alice, seq=rows[-1].seq)
    assert pinned(room) == [rows[-1].seq, *(row.seq for row in rows[-2:0:-1])]


def test_a_room_with_pins_can_be_purged(room: Room, words: Message, alice: User) -> None:
    pin_message(room, actor=alice, seq=words.seq)
    delete_room(room, actor=alice)
    Room.objects.filter(pk=room.pk).update(deleted_at=timezone.now() - KEPT_DELETED * 2)
    purge_room(room)
    assert not Message.objects.exists()
    assert not Pin.objects.exists()


def test_an_export_has_every_row_and_verifies(room: Room, words: Message, alice: User) -> None:
    pin_message(room, actor=alice, seq=words.seq)
    unpin_message(room, actor=alice, seq=words.seq)
    lines = exported(room)
    assert offline(lines) == []
    told = [(line["kind"], line["target_seq"]) for line in lines[3:]]
    assert told == [("text", None), ("pinned", words.seq), ("unpinned", words.seq)]
    assert not any("pinned" in line for line in lines[1:])
    page = "".join(readable_page(Room.objects.get(pk=room.pk)))
    assert f"<i>pinned a message</i> bob #{words.seq}" in page
    # Which message it is, the hash covers.
    lines[4]["target_seq"] = 1
    assert offline(lines) == ["Row 4 is not the one that was written."]


# --- Rows about rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [0, -1, 4, 5])
def test_a_row_is_about_an_earlier_row_of_its_room(room: Room, words: Message, alice: User, target: int) -> None:
    room = Room.objects.locked(room.pk)
    assert room.last_seq == 3
    with pytest.raises(errors.NoSuchMessage):
        chain_up(room, [Draft(Message.Kind.PINNED, alice, target_seq=target)])


def test_also_of_those_that_are_appended_with_it(room: Room, alice: User) -> None:
    room = Room.objects.locked(room.pk)
    drafts = [Draft(Message.Kind.TEXT, alice, body="New"), Draft(Message.Kind.PINNED, alice, target_seq=3)]
    store([room], chain_up(room, drafts))
    assert (pinned(room), is_whole(room)) == ([3], True)


@pytest.mark.parametrize("target", [0, 4, 99])
def test_the_database_takes_no_other(room: Room, words: Message, alice: User, target: int) -> None:
    row = pin_message(room, actor=alice, seq=words.seq)
    assert row
    with pytest.raises(DatabaseError, match="rooms_message_target_is_before"), transaction.atomic():
        change(row, target_seq=target)


# --- What is kept beside the log -------------------------------------------------------------------------------------


@pytest.fixture
def some_pins(room: Room, alice: User, dana: User) -> list[int]:
    """Three were pinned; one was unpinned, one erased, and one pinned anew."""
    seqs = [post_message(room, actor=alice, client_id=str(n), body="x").row.seq for n in range(4)]
    for seq in seqs:
        pin_message(room, actor=alice, seq=seq)
    unpin_message(room, actor=alice, seq=seqs[0])
    unpin_message(room, actor=alice, seq=seqs[1])
    redact_message(room, actor=dana, seq=seqs[2])
    pin_message(room, actor=dana, seq=seqs[0])
    return [seqs[0], seqs[3]]


def spoil(room: Room, how: str) -> None:
    match how:
        case "lost":
            room.pins.all().delete()
        case "wrong":
            room.pins.newest_first().first().delete()
            gone = room.messages.get(seq=5)
            Pin.objects.create(room=room, message=gone, row=room.messages.filter(kind="pinned", target_seq=5).get())
        case "by another row":
            room.pins.filter(message__seq=3).update(row=room.messages.get(kind="pinned", target_seq=4))
        case "miscounted":
            Room.objects.filter(pk=room.pk).update(pin_count=7)


@pytest.mark.parametrize("how", ["lost", "wrong", "by another row", "miscounted"])
def test_what_is_kept_is_made_anew_from_the_log(room: Room, some_pins: list[int], how: str) -> None:
    before = sorted(room.pins.values_list("message__seq", "row__seq"))
    assert fault_of(room) is None
    spoil(room, how)
    assert fault_of(room)
    out = StringIO()
    with pytest.raises(CommandError, match="Of 1 rooms"):
        call_command("rebuild_state", "--check", stdout=out)
    assert fault_of(room)
    call_command("rebuild_state", stdout=out)
    assert "1 were made anew" in out.getvalue()
    assert fault_of(room) is None
    assert sorted(room.pins.values_list("message__seq", "row__seq")) == before
    call_command("rebuild_state", str(room.pk), stdout=out)
    assert "all are as their logs say" in out.getvalue()


def test_a_row_of_before_targets_unpins_what_it_erased(room: Room, words: Message, alice: User, dana: User) -> None:
    """A process of before, in the middle of a rolling restart, erases a message that is pinned."""
    pin_message(room, actor=alice, seq=words.seq)
    room = Room.objects.locked(room.pk)
    rows = chain_up(room, [Draft(Message.Kind.REDACTED, dana, body=str(words.seq))])
    store([room], rows)
    assert pinned(room) == [words.seq]
    assert fault_of(room)
    rebuild(room)
    assert (pinned(room), fault_of(room)) == ([], None)
