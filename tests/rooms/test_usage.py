"""How many bytes have arrived: what the triggers count is what adding up the rows would find, whatever happens."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts.actions import delete_account
from accounts.models import User
from chatsite.ops import doctor
from rooms import usage
from rooms.actions import files
from rooms.actions.moderation import redact_message
from rooms.actions.rooms import delete_room, purge_room
from rooms.models import CHUNK_LEAST_BYTES, EVERYBODY, KEPT_DELETED, Attachment, Room, Usage
from tests.rooms.files import posted_file, ready_file

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

PART = bytes(CHUNK_LEAST_BYTES)


def added_up() -> dict[object, int]:
    """Of each person, and of all."""
    rows = Attachment.objects.order_by().values_list("owner").annotate(received=Sum("received"))
    each = {owner: received for owner, received in rows if received}
    return {**each, **({"all": sum(each.values())} if each else {})}


def counted() -> dict[object, int]:
    rows = Usage.objects.exclude(received=0).values_list("owner", "received")
    return {"all" if owner == EVERYBODY else owner: received for owner, received in rows}


def test_what_arrives_and_what_goes_is_counted(room: Room, alice: User, bob: User, dana: User) -> None:
    begun = files.start_upload(room, actor=bob, name="a.bin", size=3 * len(PART))
    assert counted() == {}
    files.take_chunk(room, actor=bob, file_id=begun.pk, offset=0, data=PART)
    assert usage.received(bob.pk) == (len(PART), len(PART))
    posted, _ready = posted_file(room, alice), ready_file(room, bob, b"seven b")
    assert usage.received(bob.pk) == (len(PART) + 7, len(PART) + 12)
    assert counted() == added_up()
    redact_message(room, actor=dana, seq=posted.seq)
    assert usage.received(alice.pk) == (0, len(PART) + 7)
    files.cancel_upload(room, actor=bob, file_id=begun.pk)
    assert usage.received(bob.pk) == (7, 7)
    delete_account(bob)
    assert counted() == added_up() == {}


def test_what_goes_with_its_room_is_counted_too(room: Room, alice: User, bob: User) -> None:
    posted_file(room, bob)
    ready_file(room, alice)
    room = delete_room(room, actor=alice)
    Room.objects.update(deleted_at=timezone.now() - KEPT_DELETED - timedelta(days=1))
    purge_room(room)
    assert counted() == added_up() == {}


def test_the_triggers_are_missed_and_made_anew_and_what_they_missed_is_counted(room: Room, bob: User) -> None:
    posted_file(room, bob)
    assert usage.missing() == set()
    with connection.cursor() as cursor:
        # As SQLite does by itself when a table is altered.
        on = " ON rooms_attachment" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER rooms_usage_update{on}")
    assert usage.missing() == {"rooms_usage_update"}
    assert any("migrate" in message.msg for message in doctor.examine() if message.is_serious())
    posted_file(room, bob)
    assert counted() != added_up()
    usage.keep()
    assert usage.missing() == set()
    assert counted() == added_up()


def test_a_version_that_knows_no_count_is_gone_back_to_whole() -> None:
    """The triggers stayed without the table that they write to: no file could be stored any more."""
    call_command("migrate", "rooms", "0009", verbosity=0)
    try:
        assert usage.missing() == set(usage.TRIGGERS)
    finally:
        call_command("migrate", verbosity=0)
    assert usage.missing() == set()
