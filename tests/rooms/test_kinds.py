"""Public and private: who finds a room, and how it becomes the other."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import join_room, leave_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.rooms import change_room, open_room, set_kind
from rooms.models import Room
from rooms.room_lists import lists_for, public_rooms
from tests.rooms.facts import is_whole, last_audit_entry, last_row

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def test_a_private_room_is_known_to_its_members_only(den: Room, alice: User, bob: User, charlie: User) -> None:
    assert den.admit(bob).is_active
    with pytest.raises(errors.NoSuchRoom):
        den.admit(charlie)
    with pytest.raises(errors.NoSuchRoom):
        join_room(den, actor=charlie)
    for person, seen in ((alice, ["Den"]), (bob, ["Den"]), (charlie, [])):
        lists = lists_for(person, "den")
        assert [listed.name for listed in lists["mine"].rows] == seen
        assert lists["page"].rows == []


def test_who_left_a_private_room_knows_of_it_no_more(den: Room, bob: User) -> None:
    leave_room(den, actor=bob)
    for act in (lambda: den.admit(bob), lambda: join_room(den, actor=bob), lambda: leave_room(den, actor=bob)):
        with pytest.raises(errors.NoSuchRoom):
            act()


def test_to_become_public_takes_a_yes(den: Room, alice: User, charlie: User) -> None:
    before = den.last_seq
    with pytest.raises(errors.ConfirmPublic):
        set_kind(den, actor=alice, kind="public")
    den.refresh_from_db()
    assert (den.kind, den.last_seq) == ("private", before)
    set_kind(den, actor=alice, kind="public", confirm=True)
    assert last_row(den) == ("kind_changed", "alice", None, "public")
    assert last_audit_entry() == ("kind_changed", "alice", None)
    assert [listed.name for listed in public_rooms(charlie).rows] == ["Den"]
    assert join_room(den, actor=charlie).is_active
    assert is_whole(den)


def test_to_become_private_takes_none(room: Room, alice: User, charlie: User) -> None:
    set_kind(room, actor=alice, kind="private")
    assert last_row(room) == ("kind_changed", "alice", None, "private")
    assert public_rooms(charlie).rows == []
    with pytest.raises(errors.NoSuchRoom):
        join_room(room, actor=charlie)


def test_the_same_kind_again_is_no_row(room: Room, den: Room, alice: User) -> None:
    assert set_kind(room, actor=alice, kind="public") is None
    assert set_kind(den, actor=alice, kind="private") is None
    assert (last_row(room)[0], last_row(den)[0]) == ("joined", "added")


@pytest.mark.parametrize("kind", ["direct", "", "PUBLIC", "secret", "left"])
def test_there_are_two_kinds_to_choose_from(room: Room, alice: User, kind: str) -> None:
    with pytest.raises(errors.BadKind):
        set_kind(room, actor=alice, kind=kind, confirm=True)
    with pytest.raises(errors.BadKind):
        open_room(actor=alice, name="Another", kind=kind)
    room.refresh_from_db()
    assert room.kind == "public"


def test_only_admins_and_site_admins_choose(room: Room, bob: User, charlie: User, dana: User) -> None:
    for person, refusal in ((bob, errors.NotAdmin), (charlie, errors.JoinFirst)):
        with pytest.raises(refusal):
            set_kind(room, actor=person, kind="private")
    set_kind(room, actor=dana, kind="private")
    assert last_row(room) == ("kind_changed", "dana", None, "private")


def test_private_rooms_share_names_and_public_ones_do_not(alice: User, bob: User) -> None:
    one = open_room(actor=alice, name="Tea", kind="private")
    other = open_room(actor=bob, name="TEA", kind="private")
    set_kind(one, actor=alice, kind="public", confirm=True)
    with pytest.raises(errors.NameTaken):
        set_kind(other, actor=bob, kind="public", confirm=True)
    other.refresh_from_db()
    assert other.kind == "private"
    # In one change, another name makes it possible.
    change_room(other, actor=bob, name="Coffee", kind="public", confirm=True)
    assert [row.kind for row in other.messages.newest(2)] == ["renamed", "kind_changed"]
    assert is_whole(other)


def test_of_a_change_whose_kind_is_refused_nothing_is_done(den: Room, alice: User) -> None:
    with pytest.raises(errors.ConfirmPublic):
        change_room(den, actor=alice, name="Hall", topic="All", kind="public")
    den.refresh_from_db()
    assert (den.name, den.topic, den.kind) == ("Den", "Between us", "private")
    assert last_row(den)[0] == "added"


def test_who_was_removed_stays_out_when_it_becomes_public(den: Room, alice: User, bob: User) -> None:
    remove_member(den, actor=alice, user=bob)
    set_kind(den, actor=alice, kind="public", confirm=True)
    with pytest.raises(errors.Removed):
        join_room(den, actor=bob)


def test_what_was_said_in_private_is_there_when_it_becomes_public(den: Room, alice: User, charlie: User) -> None:
    post_message(den, actor=alice, client_id="1", body="Old secret")
    set_kind(den, actor=alice, kind="public", confirm=True)
    join_room(den, actor=charlie)
    assert den.messages.filter(body="Old secret").exists()


def test_the_database_knows_three_kinds(room: Room) -> None:
    for kind in ("direct", "open", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            Room.objects.filter(pk=room.pk).update(kind=kind)
