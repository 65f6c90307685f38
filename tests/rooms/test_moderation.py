"""Reports, and erasing what should not stand: a tombstone stays, and the chain still verifies."""

import json

import pytest

from accounts.models import AuditEntry, User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.memberships import remove_member
from rooms.actions.messages import post_message
from rooms.actions.moderation import dismiss_report, redact_message, report_message
from rooms.actions.rooms import delete_room
from rooms.chain import faults_of_export
from rooms.events import message_json
from rooms.log.transcripts import json_lines
from rooms.models import Message, Report, Room
from tests.conftest import new_user
from tests.rooms.facts import is_whole, last_audit_entry, last_row, last_target

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


@pytest.fixture
def rude(room: Room, bob: User) -> Message:
    return post_message(room, actor=bob, client_id="1", body="Something rude").row


def test_anyone_in_the_room_reports_a_message(room: Room, rude: Message, alice: User) -> None:
    report = report_message(room, actor=alice, seq=rude.seq, reason="  It is\nrude ")
    assert (report.message, report.reporter, report.reason, report.outcome) == (rude, alice, "It is rude", "open")
    report_message(room, actor=alice, seq=rude.seq, reason="Very rude")
    assert [row.reason for row in Report.objects.all()] == ["Very rude"]
    assert last_row(room)[0] == "text", "nobody in the room learns of it"


def test_who_cannot_read_a_message_cannot_report_it(
    room: Room, den: Room, rude: Message, alice: User, bob: User, charlie: User
) -> None:
    with pytest.raises(errors.JoinFirst):
        report_message(room, actor=charlie, seq=rude.seq)
    with pytest.raises(errors.NoSuchRoom):
        report_message(den, actor=charlie, seq=1)
    remove_member(room, actor=alice, user=bob)
    with pytest.raises(errors.Removed):
        report_message(room, actor=bob, seq=rude.seq)
    assert not Report.objects.exists()


@pytest.mark.parametrize("seq", [0, 1, 2, -3, 99, 2**63, 10**30])
def test_only_what_somebody_said_can_be_reported(room: Room, rude: Message, alice: User, dana: User, seq: int) -> None:
    with pytest.raises(errors.NoSuchMessage):
        report_message(room, actor=alice, seq=seq)
    with pytest.raises(errors.NoSuchMessage):
        redact_message(room, actor=dana, seq=seq)


def test_a_reason_has_its_limit(room: Room, rude: Message, alice: User) -> None:
    with pytest.raises(errors.ReasonTooLong):
        report_message(room, actor=alice, seq=rude.seq, reason="x" * 1_001)
    assert report_message(room, actor=alice, seq=rude.seq, reason="x\0" * 500).reason == "x " * 499 + "x"


def test_erasing_leaves_a_tombstone_and_a_row_that_says_so(room: Room, rude: Message, alice: User, dana: User) -> None:
    report = report_message(room, actor=alice, seq=rude.seq)
    redact_message(room, actor=dana, seq=rude.seq)
    assert last_row(room) == ("redacted", "dana", "bob", "")
    assert last_target(room) == rude.seq
    assert last_audit_entry() == ("redacted", "dana", "bob")
    stone = room.messages.get(seq=rude.seq)
    assert (stone.body, bytes(stone.salt), stone.is_redacted) == ("", b"", True)
    shown = message_json(stone)
    assert (shown["body"], shown["redacted"], shown["talk"], shown["hash"]) == ("", True, 1, bytes(rude.hash).hex())
    report.refresh_from_db()
    assert (report.outcome, report.handled_by) == ("redacted", dana)
    assert is_whole(room)
    assert faults_of_export(json_lines(room)) == []
    assert "rude" not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_erasing_twice_is_erasing_once(room: Room, rude: Message, dana: User) -> None:
    redact_message(room, actor=dana, seq=rude.seq)
    redact_message(room, actor=dana, seq=rude.seq)
    assert room.messages.filter(kind="redacted").count() == 1
    assert is_whole(room)


def test_only_a_site_admin_erases_and_decides(room: Room, rude: Message, alice: User, bob: User) -> None:
    report = report_message(room, actor=alice, seq=rude.seq)
    staff = new_user("staff", is_staff=True)
    suspended = new_user("gone", is_staff=True, is_superuser=True, is_active=False)
    for person in (alice, bob, staff, suspended):
        with pytest.raises(errors.NotSiteAdmin):
            redact_message(room, actor=person, seq=rude.seq)
        with pytest.raises(errors.NotSiteAdmin):
            dismiss_report(report, actor=person)
    rude.refresh_from_db()
    assert rude.body == "Something rude"
    report.refresh_from_db()
    assert report.outcome == "open"


def test_letting_a_message_stand_closes_all_its_reports(
    room: Room, rude: Message, alice: User, bob: User, dana: User
) -> None:
    reports = [report_message(room, actor=person, seq=rude.seq) for person in (alice, bob)]
    dismiss_report(reports[0], actor=dana)
    assert set(Report.objects.values_list("outcome", "handled_by__username")) == {("dismissed", "dana")}
    assert last_audit_entry() == ("report_dismissed", "dana", "bob")
    dismiss_report(reports[1], actor=dana)
    assert AuditEntry.objects.filter(action="report_dismissed").count() == 1
    rude.refresh_from_db()
    assert rude.body == "Something rude"


def test_what_was_erased_is_not_sent_again_by_its_author_s_outbox(
    room: Room, rude: Message, bob: User, dana: User
) -> None:
    redact_message(room, actor=dana, seq=rude.seq)
    again = post_message(room, actor=bob, client_id="1", body="Something rude")
    assert (again.created, again.row.pk, again.row.body) == (False, rude.pk, "")


def test_in_direct_rooms_and_deleted_rooms_too(alice: User, bob: User, dana: User, den: Room) -> None:
    direct = open_direct(actor=alice, user=bob)
    seq = post_message(direct, actor=alice, client_id="1", body="Threats").row.seq
    report_message(direct, actor=bob, seq=seq)
    redact_message(direct, actor=dana, seq=seq)
    assert is_whole(direct)
    seq = post_message(den, actor=alice, client_id="1", body="Threats").row.seq
    delete_room(den, actor=alice)
    redact_message(den, actor=dana, seq=seq)
    assert last_row(den) == ("redacted", "dana", "alice", "")
    assert last_target(den) == seq
    assert is_whole(den)
    with pytest.raises(errors.RoomDeleted):
        report_message(den, actor=bob, seq=seq)
