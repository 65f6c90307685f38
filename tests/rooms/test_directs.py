"""Private talks: one room for each pair, for ever, about which nothing changes."""

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
def talk(alice: User, bob: User) -> Room:
    return open_direct(actor=alice, user=bob)


def shown_to(user: User) -> list[Room]:
    return [row.room for row in Membership.objects.shown().filter(user=user)]


def test_a_private_talk_is_opened_once_for_each_pair(talk: Room, alice: User, bob: User) -> None:
    assert (talk.kind, talk.name, talk.member_count, talk.partner_of(alice)) == ("direct", "", 2, bob)
    assert last_row(talk) == ("opened", "alice", "bob", "")
    assert last_audit_entry() == ("opened", "alice", "bob")
    assert not talk.memberships.admins().exists()
    assert open_direct(actor=bob, user=alice) == talk
    assert open_direct(actor=alice, user=bob) == talk
    assert talk.messages.count() == 1
    assert is_whole(talk)


def test_each_of_the_two_sees_the_other_s_name(talk: Room, alice: User, bob: User) -> None:
    assert (talk.name_for(alice), talk.name_for(bob)) == ("bob", "alice")


def test_nobody_talks_to_themselves_or_to_nobody(alice: User) -> None:
    with pytest.raises(errors.Yourself):
        open_direct(actor=alice, user=alice)
    with pytest.raises(errors.NoSuchPerson):
        open_direct(actor=alice, user=None)
    assert not Room.objects.exists()


def test_it_shows_to_the_other_when_something_is_said(talk: Room, alice: User, bob: User) -> None:
    assert shown_to(alice) == [talk]
    assert shown_to(bob) == []
    post_message(talk, actor=alice, client_id="1", body="Psst")
    assert shown_to(bob) == [talk]


def test_it_shows_to_the_other_who_asks_for_it(talk: Room, alice: User, bob: User) -> None:
    open_direct(actor=bob, user=alice)
    assert shown_to(bob) == [talk]


def test_leaving_puts_it_away_until_the_next_message(talk: Room, alice: User, bob: User) -> None:
    before = talk.messages.count()
    leave_room(talk, actor=alice)
    assert shown_to(alice) == []
    assert talk.admit(alice).is_active
    assert talk.messages.count() == before
    post_message(talk, actor=bob, client_id="1", body="Are you there?")
    assert shown_to(alice) == [talk]
    assert is_whole(talk)


@pytest.mark.parametrize(
    "act",
    [
        lambda talk, actor, third: rename_room(talk, actor=actor, name="Ours"),
        lambda talk, actor, third: set_topic(talk, actor=actor, topic="Ours"),
        lambda talk, actor, third: set_kind(talk, actor=actor, kind="public", confirm=True),
        lambda talk, actor, third: set_kind(talk, actor=actor, kind="private"),
        lambda talk, actor, third: change_room(talk, actor=actor, kind="public", confirm=True),
        lambda talk, actor, third: delete_room(talk, actor=actor),
        lambda talk, actor, third: add_member(talk, actor=actor, user=third),
        lambda talk, actor, third: remove_member(talk, actor=actor, user=actor),
        lambda talk, actor, third: grant_admin(talk, actor=actor, user=actor),
        lambda talk, actor, third: revoke_admin(talk, actor=actor, user=actor),
        lambda talk, actor, third: invite(talk, actor=actor),
        lambda talk, actor, third: revoke_invitation(talk, actor=actor, invitation_id=1),
    ],
)
@pytest.mark.parametrize("who", ["alice", "dana"])
def test_nothing_about_it_can_be_changed(
    talk: Room, alice: User, charlie: User, dana: User, act: Callable[..., Any], who: str
) -> None:
    with pytest.raises(errors.DirectRoom):
        act(talk, {"alice": alice, "dana": dana}[who], charlie)
    talk.refresh_from_db()
    assert (talk.kind, talk.last_seq, talk.member_count, talk.deleted_at) == ("direct", 1, 2, None)


def test_a_third_person_finds_no_room(talk: Room, charlie: User) -> None:
    for act in (
        lambda: talk.admit(charlie),
        lambda: join_room(talk, actor=charlie),
        lambda: leave_room(talk, actor=charlie),
        lambda: rename_room(talk, actor=charlie, name="Ours"),
        lambda: add_member(talk, actor=charlie, user=charlie),
        lambda: mute_room(talk, actor=charlie, muted=True),
        lambda: post_message(talk, actor=charlie, client_id="1", body="Me too"),
    ):
        with pytest.raises(errors.NoSuchRoom):
            act()
    assert talk.memberships.count() == 2


def test_an_invitation_that_got_into_one_lets_nobody_in(talk: Room, alice: User, charlie: User) -> None:
    smuggled = Invitation.objects.create(room=talk, created_by=alice)
    with pytest.raises(errors.BadInvitation):
        accept_invitation(smuggled.code, actor=charlie)
    smuggled.refresh_from_db()
    assert smuggled.used == 0


def test_the_database_itself_keeps_a_pair_a_pair(talk: Room, alice: User, bob: User) -> None:
    for change in ({"kind": "public"}, {"kind": "private"}, {"one": None, "other": None}, {"kind": "open"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Room.objects.filter(pk=talk.pk).update(**change)
    one, other = sorted((alice, bob), key=lambda person: person.pk)
    for pair in ((one, other), (other, one), (one, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Room.objects.create(kind="direct", one=pair[0], other=pair[1], created_by=alice)


def test_who_has_no_account_any_more_is_talked_to_no_more(talk: Room, alice: User, bob: User, dana: User) -> None:
    charlie = User.objects.create_user("eve")
    suspend(charlie, actor=dana)
    with pytest.raises(errors.NoSuchPerson):
        open_direct(actor=alice, user=charlie)
    delete_account(bob)
    # The talk stays, for the one who is left.
    assert open_direct(actor=alice, user=bob) == talk
    assert talk.admit(alice).is_active
    assert is_whole(talk)


def test_a_block_either_way_keeps_a_talk_from_being_opened(alice: User, bob: User, charlie: User) -> None:
    block_user(alice, actor=bob)
    block_user(charlie, actor=alice)
    for partner in (bob, charlie):
        with pytest.raises(errors.Blocked):
            open_direct(actor=alice, user=partner)
    assert not Room.objects.exists()
