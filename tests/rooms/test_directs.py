"""Direct rooms: one for each pair, for ever, about which nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import block_user, delete_account, suspend
from accounts.models import User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.invitations import accept_invitation, invite, revoke_invitation
from rooms.actions.memberships import (
    add_member,
    grant_admin,
    join_room,
    leave_room,
    mute_room,
    remove_member,
    revoke_admin,
)
from rooms.actions.messages import post_message
from rooms.actions.rooms import change_room, delete_room, rename_room, set_kind, set_topic
from rooms.models import Invitation, Membership, Room
from tests.rooms.facts import is_whole, last_audit_entry, last_row

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


@pytest.fixture
def direct(alice: User, bob: User) -> Room:
    return open_direct(actor=alice, user=bob)


def shown_to(user: User) -> list[Room]:
    return [row.room for row in Membership.objects.shown().filter(user=user)]


def test_a_direct_room_is_opened_once_for_each_pair(direct: Room, alice: User, bob: User) -> None:
    assert (direct.kind, direct.name, direct.member_count, direct.partner_of(alice)) == ("direct", "", 2, bob)
    assert last_row(direct) == ("opened", "alice", "bob", "")
    assert last_audit_entry() == ("opened", "alice", "bob")
    assert not direct.memberships.admins().exists()
    assert open_direct(actor=bob, user=alice) == direct
    assert open_direct(actor=alice, user=bob) == direct
    assert direct.messages.count() == 1
    assert is_whole(direct)


def test_each_of_the_two_sees_the_other_s_name(direct: Room, alice: User, bob: User) -> None:
    assert (direct.name_for(alice), direct.name_for(bob)) == ("bob", "alice")


def test_nobody_talks_to_themselves_or_to_nobody(alice: User) -> None:
    with pytest.raises(errors.Yourself):
        open_direct(actor=alice, user=alice)
    with pytest.raises(errors.NoSuchPerson):
        open_direct(actor=alice, user=None)
    assert not Room.objects.exists()


def test_it_shows_to_the_other_when_something_is_said(direct: Room, alice: User, bob: User) -> None:
    assert shown_to(alice) == [direct]
    assert shown_to(bob) == []
    post_message(direct, actor=alice, client_id="1", body="Psst")
    assert shown_to(bob) == [direct]


def test_it_shows_to_the_other_who_asks_for_it(direct: Room, alice: User, bob: User) -> None:
    open_direct(actor=bob, user=alice)
    assert shown_to(bob) == [direct]


def test_leaving_puts_it_away_until_the_next_message(direct: Room, alice: User, bob: User) -> None:
    before = direct.messages.count()
    leave_room(direct, actor=alice)
    assert shown_to(alice) == []
    assert direct.admit(alice).is_active
    assert direct.messages.count() == before
    post_message(direct, actor=bob, client_id="1", body="Are you there?")
    assert shown_to(alice) == [direct]
    assert is_whole(direct)


@pytest.mark.parametrize(
    "act",
    [
        lambda direct, actor, third: rename_room(direct, actor=actor, name="Ours"),
        lambda direct, actor, third: set_topic(direct, actor=actor, topic="Ours"),
        lambda direct, actor, third: set_kind(direct, actor=actor, kind="public", confirm=True),
        lambda direct, actor, third: set_kind(direct, actor=actor, kind="private"),
        lambda direct, actor, third: change_room(direct, actor=actor, kind="public", confirm=True),
        lambda direct, actor, third: delete_room(direct, actor=actor),
        lambda direct, actor, third: add_member(direct, actor=actor, user=third),
        lambda direct, actor, third: remove_member(direct, actor=actor, user=actor),
        lambda direct, actor, third: grant_admin(direct, actor=actor, user=actor),
        lambda direct, actor, third: revoke_admin(direct, actor=actor, user=actor),
        lambda direct, actor, third: invite(direct, actor=actor),
        lambda direct, actor, third: revoke_invitation(direct, actor=actor, invitation_id=1),
    ],
)
@pytest.mark.parametrize("who", ["alice", "dana"])
def test_nothing_about_it_can_be_changed(
    direct: Room, alice: User, charlie: User, dana: User, act: Callable[..., Any], who: str
) -> None:
    with pytest.raises(errors.DirectRoom):
        act(direct, {"alice": alice, "dana": dana}[who], charlie)
    direct.refresh_from_db()
    assert (direct.kind, direct.last_seq, direct.member_count, direct.deleted_at) == ("direct", 1, 2, None)


def test_a_third_person_finds_no_room(direct: Room, charlie: User) -> None:
    for act in (
        lambda: direct.admit(charlie),
        lambda: join_room(direct, actor=charlie),
        lambda: leave_room(direct, actor=charlie),
        lambda: rename_room(direct, actor=charlie, name="Ours"),
        lambda: add_member(direct, actor=charlie, user=charlie),
        lambda: mute_room(direct, actor=charlie, muted=True),
        lambda: post_message(direct, actor=charlie, client_id="1", body="Me too"),
    ):
        with pytest.raises(errors.NoSuchRoom):
            act()
    assert direct.memberships.count() == 2


def test_an_invitation_that_got_into_one_lets_nobody_in(direct: Room, alice: User, charlie: User) -> None:
    smuggled = Invitation.objects.create(room=direct, created_by=alice)
    with pytest.raises(errors.BadInvitation):
        accept_invitation(smuggled.code, actor=charlie)
    smuggled.refresh_from_db()
    assert smuggled.used == 0


def test_the_database_itself_keeps_a_pair_a_pair(direct: Room, alice: User, bob: User) -> None:
    for change in ({"kind": "public"}, {"kind": "private"}, {"one": None, "other": None}, {"kind": "open"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Room.objects.filter(pk=direct.pk).update(**change)
    one, other = sorted((alice, bob), key=lambda person: person.pk)
    for pair in ((one, other), (other, one), (one, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Room.objects.create(kind="direct", one=pair[0], other=pair[1], created_by=alice)


def test_a_new_direct_room_needs_an_active_user_and_an_old_one_stays(
    direct: Room, alice: User, bob: User, dana: User
) -> None:
    charlie = User.objects.create_user("eve")
    suspend(charlie, actor=dana)
    with pytest.raises(errors.NoSuchPerson):
        open_direct(actor=alice, user=charlie)
    delete_account(bob)
    # The room stays, for the one who is left.
    assert open_direct(actor=alice, user=bob) == direct
    assert direct.admit(alice).is_active
    assert is_whole(direct)


def test_a_block_either_way_keeps_a_talk_from_being_opened(alice: User, bob: User, charlie: User) -> None:
    block_user(alice, actor=bob)
    block_user(charlie, actor=alice)
    for partner in (bob, charlie):
        with pytest.raises(errors.Blocked):
            open_direct(actor=alice, user=partner)
    assert not Room.objects.exists()
