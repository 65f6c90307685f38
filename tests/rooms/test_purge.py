"""Deleted rooms go for good after 30 days, and nothing else does."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditEntry, User
from rooms.actions.invitations import invite
from rooms.actions.messages import post_message
from rooms.actions.moderation import report_message
from rooms.actions.rooms import delete_room, open_room, purge_room
from rooms.log.verify import faults_of
from rooms.models import KEPT_DELETED, Invitation, Membership, Message, Pin, Report, Room

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


@pytest.fixture
def old(room: Room, alice: User, bob: User) -> Room:
    """A room with all that a room can have, deleted so long ago that nobody can restore it."""
    post_message(room, actor=alice, client_id="1", body="Words")
    report_message(room, actor=bob, seq=3, reason="Rude")
    invite(room, actor=alice)
    return aged(room, alice, KEPT_DELETED + timedelta(hours=1))


def aged(room: Room, alice: User, age: timedelta) -> Room:
    delete_room(room, actor=alice)
    Room.objects.filter(pk=room.pk).update(deleted_at=timezone.now() - age)
    return room


def purge(*options: str) -> str:
    out = StringIO()
    call_command("purge_deleted", *options, stdout=out)
    return out.getvalue()


def test_a_room_goes_with_all_that_belongs_to_it(old: Room) -> None:
    printed = purge()

    assert f"Lobby ({old.pk})" in printed
    assert "Rooms removed: 1." in printed
    for model in (Room, Message, Membership, Invitation, Report):
        assert not model.objects.exists()
    entry = AuditEntry.objects.get(action="purged")
    assert (entry.actor, entry.target_id, entry.target_name) == (None, str(old.pk), "Lobby")


def test_other_rooms_stay_as_they_are(old: Room, alice: User) -> None:
    living = open_room(actor=alice, name="Living")
    recent = aged(open_room(actor=alice, name="Recent"), alice, KEPT_DELETED - timedelta(hours=1))

    purge()

    assert set(Room.objects.all()) == {living, recent}
    living.refresh_from_db()
    assert not list(faults_of(living))


def test_a_dry_run_names_the_rooms_and_removes_nothing(old: Room) -> None:
    printed = purge("--dry-run")

    assert "Lobby" in printed
    assert "Rooms to remove: 1." in printed
    assert Message.objects.filter(room=old).exists()


def test_a_second_run_finds_nothing(old: Room) -> None:
    purge()

    assert purge() == "Rooms removed: 0.\n"


def test_a_room_that_is_not_deleted_long_enough_is_not_purged_by_its_action(room: Room, alice: User) -> None:
    purge_room(room)
    purge_room(aged(room, alice, timedelta(days=1)))

    assert Room.objects.filter(pk=room.pk).exists()


def test_nothing_but_reports_and_pins_hangs_on_messages() -> None:
    """What refers to messages is removed by ``purge_room`` before them: the database would refuse, not cascade."""
    assert {relation.related_model for relation in Message._meta.related_objects} == {Report, Pin}
