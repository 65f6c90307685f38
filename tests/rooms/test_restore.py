"""Deleted rooms: kept for 30 days for a site admin to give back, then gone for good."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import delete_account, reactivate, suspend
from accounts.models import AuditEntry, User
from rooms import errors
from rooms.actions.invitations import invite
from rooms.actions.memberships import join_room
from rooms.actions.messages import post_message
from rooms.actions.moderation import report_message
from rooms.actions.rooms import delete_room, open_room, purge_room, rename_room, restore_room
from rooms.models import KEPT_DELETED, Invitation, Membership, Message, Report, Room
from tests.conftest import new_user
from tests.rooms.facts import active_admins, is_whole, last_audit_entry, last_row

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def age(room: Room, days: float) -> None:
    Room.objects.filter(pk=room.pk).update(deleted_at=timezone.now() - timedelta(days=days))


def test_a_restored_room_is_as_it_was(den: Room, alice: User, bob: User, dana: User) -> None:
    post_message(den, actor=bob, client_id="1", body="Before")
    delete_room(den, actor=alice)
    assert last_row(den) == ("deleted", "alice", None, "")
    assert last_audit_entry() == ("deleted", "alice", None)
    restore_room(den, actor=dana)
    assert last_row(den) == ("restored", "dana", None, "")
    assert last_audit_entry() == ("restored", "dana", None)
    den.refresh_from_db()
    assert (den.name, den.kind, den.member_count, den.deleted_at) == ("Den", "private", 2, None)
    assert den.admit(alice).is_admin
    post_message(den, actor=bob, client_id="2", body="After")
    assert is_whole(den)


def test_restoring_a_room_that_is_there_changes_nothing(den: Room, dana: User) -> None:
    restore_room(den, actor=dana)
    assert last_row(den)[0] == "added"


def test_only_a_site_admin_restores(den: Room, alice: User, bob: User) -> None:
    delete_room(den, actor=alice)
    for person in (alice, bob, new_user("staff", is_staff=True)):
        with pytest.raises(errors.NotSiteAdmin):
            restore_room(den, actor=person)
    den.refresh_from_db()
    assert den.is_deleted


def test_a_name_that_was_taken_meanwhile_is_not_taken_back(room: Room, alice: User, bob: User, dana: User) -> None:
    delete_room(room, actor=alice)
    other = open_room(actor=bob, name="LOBBY")
    with pytest.raises(errors.NameTaken):
        restore_room(room, actor=dana)
    room.refresh_from_db()
    assert room.is_deleted
    rename_room(other, actor=bob, name="Hall")
    restore_room(room, actor=dana)
    assert is_whole(room)


def test_after_thirty_days_nobody_restores_it(den: Room, alice: User, dana: User) -> None:
    delete_room(den, actor=alice)
    age(den, 29.9)
    assert not Room.objects.expired().exists()
    age(den, 30.1)
    assert list(Room.objects.expired()) == [den]
    with pytest.raises(errors.GoneForGood):
        restore_room(den, actor=dana)


def test_who_goes_while_a_room_is_deleted_is_gone_when_it_is_back(
    den: Room, alice: User, bob: User, dana: User
) -> None:
    delete_room(den, actor=alice)
    delete_account(alice)
    assert last_row(den)[0] == "left"
    restore_room(den, actor=dana)
    assert last_row(den) == ("admin_granted", None, "bob", "")
    assert active_admins(den) == {bob}
    assert is_whole(den)


def test_purging_removes_the_room_and_all_that_belongs_to_it(
    room: Room, den: Room, alice: User, bob: User, dana: User
) -> None:
    invite(den, actor=alice)
    seq = post_message(den, actor=bob, client_id="1", body="Gone").row.seq
    report_message(den, actor=alice, seq=seq)
    delete_room(den, actor=alice)
    purge_room(den)
    assert Room.objects.filter(pk=den.pk).exists(), "not before its time"
    age(den, KEPT_DELETED.days + 0.1)
    purge_room(den)
    for model in (Membership, Message, Invitation):
        assert not model.objects.filter(room=den.pk).exists()
    assert not Report.objects.exists()
    assert last_audit_entry() == ("purged", None, None)
    assert AuditEntry.objects.filter(target_id=str(den.pk), action="deleted").exists(), "who did what stays"
    assert is_whole(room)
    with pytest.raises(errors.NoSuchRoom):
        restore_room(den, actor=dana)


def test_a_room_that_is_not_deleted_is_never_purged(den: Room) -> None:
    purge_room(den)
    assert is_whole(den)


# --- People who are turned off and on again --------------------------------------------------------------------------


def test_a_room_without_an_admin_gets_the_first_who_is_turned_on_again(
    den: Room, alice: User, bob: User, charlie: User, dana: User
) -> None:
    for person in (bob, alice):
        suspend(person, actor=dana)
    assert active_admins(den) == set()
    assert last_audit_entry() == ("suspended", "dana", "alice")
    reactivate(bob, actor=dana)
    assert active_admins(den) == {bob}
    assert last_row(den) == ("admin_granted", None, "bob", "")
    reactivate(alice, actor=dana)
    assert active_admins(den) == {alice, bob}
    assert is_whole(den)


def test_the_admin_page_s_own_way_of_turning_somebody_on_does_the_same(
    den: Room, alice: User, bob: User, dana: User
) -> None:
    for person in (bob, alice):
        suspend(person, actor=dana)
    bob.refresh_from_db()
    bob.is_active = True
    bob.save()
    assert active_admins(den) == {bob}


def test_a_deleted_account_is_not_turned_on(bob: User, dana: User) -> None:
    delete_account(bob)
    reactivate(bob, actor=dana)
    bob.refresh_from_db()
    assert not bob.is_active


def test_who_is_suspended_is_named_in_the_audit_log_once(room: Room, bob: User, dana: User) -> None:
    suspend(bob, actor=dana)
    suspend(bob, actor=dana)
    reactivate(bob, actor=dana)
    reactivate(bob, actor=dana)
    entries = AuditEntry.objects.filter(subject=bob).order_by("pk").values_list("action", flat=True)
    assert list(entries) == ["suspended", "reactivated"]
    assert join_room(room, actor=bob).is_active
