"""The queue of reported messages, and erasing them."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import AuditEntry, User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message
from rooms.actions.moderation import report_message
from rooms.log.verify import faults_of
from rooms.models import Message, Report, Room
from tests.rooms.admin import address_of, do, listed

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

CONFIRMED = {"confirmed": "yes"}


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def report(room: Room, alice: User, bob: User) -> Report:
    row = post_message(room, actor=alice, client_id="1", body="Your tea is awful").row
    return report_message(room, actor=bob, seq=row.seq, reason="Hurts")


def test_the_queue_has_the_message_its_room_who_reported_it_and_why(staff: Client, report: Report) -> None:
    text = staff.get(address_of(Report)).text
    for words in ("Your tea is awful", "Lobby", ">alice<", ">bob<", "Hurts"):
        assert words in text


def test_the_first_page_says_how_many_wait(staff: Client, dana: User, report: Report) -> None:
    assert "1 report is waiting" in staff.get("/admin/").text
    do(staff, "leave_messages", report)
    assert "0 reports are waiting" in staff.get("/admin/").text


def test_a_message_that_is_left_leaves_the_queue(staff: Client, dana: User, report: Report) -> None:
    do(staff, "leave_messages", report)
    report.refresh_from_db()
    assert (report.outcome, report.handled_by) == (Report.Outcome.DISMISSED, dana)
    assert listed(staff, Report) == []
    assert listed(staff, Report, "outcome=dismissed") == listed(staff, Report, "outcome=all") == [report]
    assert AuditEntry.objects.get(action="report_dismissed").actor == dana
    report.message.refresh_from_db()
    assert report.message.body == "Your tea is awful"


def test_erasing_asks_first_and_shows_the_words_and_their_author(staff: Client, report: Report) -> None:
    for row in (report, report.message):
        question = do(staff, "erase_messages", row)
        assert "Erase them" in question
        assert "“Your tea is awful”, by alice in Lobby" in question
        assert f'name="_selected_action" value="{row.pk}"' in question
    report.refresh_from_db()
    assert report.outcome == Report.Outcome.OPEN


def test_erasing_from_the_queue_goes_through_the_action(staff: Client, dana: User, room: Room, report: Report) -> None:
    assert "Done for 1 row." in do(staff, "erase_messages", report, **CONFIRMED)
    assert_erased(room, report.message, by=dana)
    report.refresh_from_db()
    assert (report.outcome, report.handled_by) == (Report.Outcome.REDACTED, dana)


def test_erasing_from_the_transcript_closes_the_reports(staff: Client, dana: User, room: Room, report: Report) -> None:
    assert "Erase them" in do(staff, "erase_messages", report.message)
    do(staff, "erase_messages", report.message, **CONFIRMED)
    assert_erased(room, report.message, by=dana)
    assert listed(staff, Report) == []
    assert "(erased)" in staff.get(address_of(Message)).text


def assert_erased(room: Room, message: Message, *, by: User) -> None:
    message.refresh_from_db()
    assert message.is_redacted
    assert message.body == ""
    row = room.messages.newest(1)[0]
    assert (row.kind, row.author, row.subject, row.target_seq) == ("redacted", by, message.author, message.seq)
    entry = AuditEntry.objects.get(action="redacted")
    assert (entry.actor, entry.target_id) == (by, str(room.pk))
    room.refresh_from_db()
    assert not list(faults_of(room))


def test_a_row_that_is_no_message_cannot_be_erased(staff: Client, room: Room) -> None:
    opened = room.messages.get(seq=1)
    assert str(errors.NoSuchMessage()) in do(staff, "erase_messages", opened, **CONFIRMED)
    assert room.messages.count() == 2


def test_a_button_on_the_report_does_it_too(staff: Client, report: Report) -> None:
    page = f"{address_of(Report)}{report.pk}/change/"
    assert 'value="leave_messages"' in staff.get(page).text
    do(staff, "leave_messages", report, back=page)
    assert 'value="leave_messages"' not in staff.get(page).text


def test_who_may_only_look_changes_nothing(client: Client, charlie: User, report: Report) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.add(*Permission.objects.filter(codename__in=["view_report", "view_message"]))
    client.force_login(charlie)
    do(client, "leave_messages", report)
    do(client, "erase_messages", report.message, **CONFIRMED)
    report.refresh_from_db()
    assert (report.outcome, report.message.is_redacted) == (Report.Outcome.OPEN, False)


# --- Reading what is private -----------------------------------------------------------------------------------------


def test_reading_a_private_message_is_noted(staff: Client, dana: User, alice: User, bob: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    row = post_message(direct, actor=alice, client_id="1", body="Between us").row

    assert "Between us" not in staff.get(address_of(Message)).text
    assert listed(staff, Message, "q=between") == []
    assert not AuditEntry.objects.filter(action="read_message").exists()
    assert "Between us" in staff.get(f"{address_of(Message)}{row.pk}/change/").text

    entry = AuditEntry.objects.get(action="read_message")
    assert (entry.actor, entry.target_id, entry.subject) == (dana, str(row.pk), alice)


def test_the_question_before_an_erasure_notes_the_private_words_that_it_shows(
    staff: Client, dana: User, alice: User, bob: User
) -> None:
    row = post_message(open_direct(actor=alice, user=bob), actor=alice, client_id="1", body="Between us").row
    assert "“Between us”, by alice" in do(staff, "erase_messages", row)
    entry = AuditEntry.objects.get(action="read_message")
    assert (entry.actor, entry.target_id, entry.subject) == (dana, str(row.pk), alice)


def test_reading_a_public_message_is_not(staff: Client, report: Report) -> None:
    assert "Your tea is awful" in staff.get(f"{address_of(Message)}{report.message_id}/change/").text
    assert not AuditEntry.objects.filter(action="read_message").exists()
