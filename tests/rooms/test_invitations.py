"""Invitation links: into one room, until a day, for so many people, and no longer than the room's admins want."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import suspend
from accounts.models import User
from rooms import errors
from rooms.actions.invitations import accept_invitation, find_invitation, invite, preview_invitation, revoke_invitation
from rooms.actions.memberships import leave_room, remove_member
from rooms.actions.rooms import delete_room, open_room, restore_room
from rooms.models import Invitation, Room
from tests.conftest import new_user
from tests.rooms.facts import is_whole, last_audit_entry, last_row

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def test_following_a_link_makes_one_a_member(den: Room, alice: User, charlie: User) -> None:
    made = invite(den, actor=alice)
    assert last_audit_entry() == ("invited", "alice", None)
    assert last_row(den)[0] == "added", "an invitation is no row: nobody has come in yet"
    membership = accept_invitation(made.code, actor=charlie)
    assert (membership.state, membership.role) == ("active", "member")
    assert last_row(den) == ("joined", "charlie", None, "")
    made.refresh_from_db()
    assert (made.used, made.uses_left) == (1, None)
    assert is_whole(den)


def test_it_is_good_for_so_many_people(den: Room, alice: User, bob: User, charlie: User) -> None:
    made = invite(den, actor=alice, uses=2)
    for number in range(2):
        accept_invitation(made.code, actor=new_user(f"guest{number}"))
    with pytest.raises(errors.BadInvitation):
        accept_invitation(made.code, actor=charlie)
    made.refresh_from_db()
    assert (made.used, made.uses_left) == (2, 0)
    assert den.membership_of(charlie) is None


def test_a_member_uses_nothing_up(den: Room, alice: User, bob: User) -> None:
    made = invite(den, actor=alice, uses=1)
    for person in (alice, bob, bob):
        assert accept_invitation(made.code, actor=person).is_active
    made.refresh_from_db()
    assert (made.used, made.uses_left) == (0, 1)
    assert den.membership_of(alice).is_admin


def test_who_left_comes_back_by_it(den: Room, alice: User, bob: User) -> None:
    leave_room(den, actor=bob)
    accept_invitation(invite(den, actor=alice, uses=1).code, actor=bob)
    assert last_row(den) == ("joined", "bob", None, "")
    assert is_whole(den)


def test_who_was_removed_does_not_and_sees_nothing_by_it(den: Room, alice: User, bob: User) -> None:
    made = invite(den, actor=alice, uses=1)
    remove_member(den, actor=alice, user=bob)
    for act in (accept_invitation, preview_invitation):
        with pytest.raises(errors.Removed):
            act(made.code, actor=bob)
    made.refresh_from_db()
    assert (made.used, made.uses_left) == (0, 1)


def test_who_looks_uses_nothing_up(den: Room, alice: User, charlie: User) -> None:
    made = invite(den, actor=alice, uses=1)
    assert preview_invitation(made.code, actor=charlie).room.name == "Den"
    made.refresh_from_db()
    assert (made.used, made.uses_left) == (0, 1)


def spent(den: Room, alice: User) -> Invitation:
    return Invitation.objects.create(room=den, created_by=alice, uses_left=0)


def expired(den: Room, alice: User) -> Invitation:
    return Invitation.objects.create(room=den, created_by=alice, expires_at=timezone.now())


def revoked(den: Room, alice: User) -> Invitation:
    made = invite(den, actor=alice)
    return revoke_invitation(den, actor=alice, invitation_id=made.pk)


def of_a_deleted_room(den: Room, alice: User) -> Invitation:
    made = invite(den, actor=alice)
    delete_room(den, actor=alice)
    return made


def never_made(den: Room, alice: User) -> Invitation:
    return Invitation(room=den, code="nobody-made-this-one")


@pytest.mark.parametrize("make", [spent, expired, revoked, of_a_deleted_room, never_made])
def test_one_that_is_not_good_tells_nothing_of_why(den: Room, alice: User, charlie: User, make: object) -> None:
    code = make(den, alice).code  # type: ignore[operator]
    sentences = set()
    for act in (find_invitation, lambda code: accept_invitation(code, actor=charlie)):
        with pytest.raises(errors.BadInvitation) as refusal:
            act(code)
        sentences.add(str(refusal.value))
    assert sentences == {str(errors.BadInvitation())}
    assert den.membership_of(charlie) is None


def test_revoking_is_written_down_once(den: Room, alice: User) -> None:
    made = revoked(den, alice)
    assert last_audit_entry() == ("invitation_revoked", "alice", None)
    at = made.revoked_at
    assert revoke_invitation(den, actor=alice, invitation_id=made.pk).revoked_at == at


def test_the_invitation_of_another_room_is_none_of_this_one(room: Room, den: Room, alice: User) -> None:
    made = invite(den, actor=alice)
    with pytest.raises(errors.NoSuchInvitation):
        revoke_invitation(room, actor=alice, invitation_id=made.pk)
    assert find_invitation(made.code) == made


def test_a_removed_admin_s_invitations_end_with_them(den: Room, alice: User, bob: User, charlie: User) -> None:
    made, other = Invitation.objects.create(room=den, created_by=bob), invite(den, actor=alice)
    remove_member(den, actor=alice, user=bob)
    with pytest.raises(errors.BadInvitation):
        accept_invitation(made.code, actor=charlie)
    assert accept_invitation(other.code, actor=charlie).is_active


def test_only_admins_invite(den: Room, bob: User, charlie: User, dana: User) -> None:
    for person, refusal in ((bob, errors.NotAdmin), (charlie, errors.NoSuchRoom)):
        with pytest.raises(refusal):
            invite(den, actor=person)
        with pytest.raises(refusal):
            revoke_invitation(den, actor=person, invitation_id=1)
    assert invite(den, actor=dana).is_good


@pytest.mark.parametrize(
    ("age", "uses"),
    [
        (timedelta(0), None),
        (timedelta(seconds=-1), None),
        (timedelta(days=366), None),
        (timedelta(days=1), 0),
        (timedelta(days=1), -1),
        (timedelta(days=1), 10_001),
    ],
)
def test_it_has_limits(den: Room, alice: User, age: timedelta, uses: int | None) -> None:
    with pytest.raises(errors.BadInvitationTerms):
        invite(den, actor=alice, age=age, uses=uses)
    assert not Invitation.objects.exists()


def test_a_deleted_room_invites_nobody(den: Room, alice: User) -> None:
    delete_room(den, actor=alice)
    with pytest.raises(errors.RoomDeleted):
        invite(den, actor=alice)


def test_a_restored_room_s_invitations_are_good_again(den: Room, alice: User, charlie: User, dana: User) -> None:
    made = of_a_deleted_room(den, alice)
    restore_room(den, actor=dana)
    assert accept_invitation(made.code, actor=charlie).is_active


def test_who_is_suspended_follows_no_link(den: Room, alice: User, charlie: User, dana: User) -> None:
    made = invite(den, actor=alice)
    stale = User.objects.get(pk=charlie.pk)
    suspend(charlie, actor=dana)
    with pytest.raises(errors.NoSuchPerson):
        accept_invitation(made.code, actor=stale)


def test_codes_are_long_and_never_the_same(alice: User) -> None:
    room = open_room(actor=alice, name="Tea")
    codes = {invite(room, actor=alice).code for _ in range(50)}
    assert len(codes) == 50
    assert min(map(len, codes)) >= 22
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(room=room, created_by=alice, code=codes.pop())
