"""What one does by hand at the command line: people, rooms and mail, by name or id."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts import actions
from accounts.errors import NotAllRights
from accounts.models import AuditEntry, User
from chatsite.models import OutgoingMail
from rooms import errors
from rooms.actions.rooms import delete_room, open_room, restore_room
from rooms.models import Message, Room
from tests import servers
from tests.conftest import new_user
from tests.security.attack.mail import Mailbox, mailbox

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def run(*words: object, **options: Any) -> str:
    out = StringIO()
    call_command(*(str(word) for word in words), stdout=out, **options)
    return out.getvalue()


def refusal(*words: object) -> tuple[int, str]:
    with pytest.raises(CommandError) as refused:
        run(*words)
    return refused.value.returncode, str(refused.value)


def last_audit_entry() -> tuple[str, object, str]:
    entry = AuditEntry.objects.latest("pk")
    return entry.action, entry.actor, entry.detail


# --- People ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("alice", "bob", "dana")
def test_people_are_listed_by_name_and_state() -> None:
    assert [line.split()[1] for line in run("users").splitlines()] == ["alice", "bob", "dana"]
    assert [line.split()[1] for line in run("users", "LIC").splitlines()] == ["alice"]
    run("user", "suspend", "bob")
    assert [line.split()[1] for line in run("users", "--suspended").splitlines()] == ["bob"]
    [dana] = [json.loads(line) for line in run("users", "--admins", "--json").splitlines()]
    assert (dana["username"], dana["is_superuser"], dana["is_active"]) == ("dana", True, True)


def test_somebody_is_suspended_and_let_in_again_by_name_id_or_address(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert run("user", "suspend", "ALICE") == "alice is suspended.\n"
    assert client.get("/api/me").status_code == 401
    assert last_audit_entry() == ("suspended", None, "command line")
    assert run("user", "suspend", alice.pk) == "alice was suspended already.\n"
    assert run("user", "reactivate", "alice@example.org") == "alice may log in again.\n"
    assert last_audit_entry() == ("reactivated", None, "command line")
    assert run("user", "reactivate", "alice") == "alice was not suspended.\n"


def test_nobody_and_several_are_told_apart(alice: User, bob: User) -> None:
    code, sentence = refusal("user", "suspend", "zoe")
    assert (code, "There is no user “zoe”" in sentence) == (3, True)
    for person in (alice, bob):
        person.emailaddress_set.create(email="both@example.org")  # type: ignore[attr-defined]
    code, sentence = refusal("user", "suspend", "both@example.org")
    assert (code, str(alice.pk) in sentence, str(bob.pk) in sentence) == (4, True, True)


def test_an_admin_is_made_and_unmade_but_the_last_one_stays(alice: User, dana: User) -> None:
    assert run("user", "admin", "alice") == "alice is a site admin now.\n"
    assert last_audit_entry() == ("access_changed", None, "command line: is_staff, is_superuser")
    assert run("user", "admin", "alice") == "alice was a site admin already.\n"
    assert run("user", "admin", "dana", "--off") == "dana is no site admin now.\n"
    code, sentence = refusal("user", "suspend", "alice")
    assert (code, "admin" in sentence) == (1, True)
    alice.refresh_from_db()
    assert alice.is_active


def test_an_account_is_made_with_a_link_to_its_first_password() -> None:
    said = run("user", "create", "erin", "Erin@example.org", "--admin")
    found = re.search(r"http://127.0.0.1:\d+(/accounts/password/reset/key/\S+)", said)
    assert found
    client = Client()
    form = client.get(found[1], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "correct horse battery staple"})
    erin = User.objects.get(username="erin")
    assert erin.check_password("correct horse battery staple")
    assert (erin.is_superuser, erin.email) == (True, "erin@example.org")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"person_made", "access_changed"}


@pytest.mark.parametrize(
    ("name", "address"),
    [("alice", "other@example.org"), ("erin", "alice@example.org"), ("e r", "e@example.org"), ("erin", "")],
)
def test_an_account_that_cannot_be_is_refused_in_a_sentence(alice: User, name: str, address: str) -> None:
    code, sentence = refusal("user", "create", name, address)
    assert (code, bool(sentence)) == (1, True)
    assert User.objects.count() == 1


def test_a_new_password_is_given_by_a_link_or_by_mail(alice: User, settings: Settings) -> None:
    assert "/accounts/password/reset/key/" in run("user", "reset", "alice")
    assert last_audit_entry() == ("password_link", None, "command line")
    assert refusal("user", "reset", "alice", "--mail")[0] == 1
    settings.HAS_MAIL_SERVER, settings.EMAIL_BACKEND = True, "chatsite.outbox.EmailBackend"
    assert "alice@example.org" in run("user", "reset", "alice", "--mail")
    assert OutgoingMail.objects.get().recipients == ["alice@example.org"]
    assert b"/accounts/password/reset/key/" in bytes(OutgoingMail.objects.get().content)
    run("user", "suspend", "alice")
    assert "suspended" in refusal("user", "reset", "alice")[1]
    new_user("frank").emailaddress_set.all().delete()  # type: ignore[attr-defined]
    User.objects.filter(username="frank").update(email="")
    assert "changepassword frank" in refusal("user", "reset", "frank")[1]


# --- Rooms -----------------------------------------------------------------------------------------------------------


def test_rooms_are_listed_deleted_and_restored_by_name(alice: User) -> None:
    room = open_room(actor=alice, name="Tea Room")
    [facts] = [json.loads(line) for line in run("rooms", "tea", "--json").splitlines()]
    assert (facts["id"], facts["members"]) == (str(room.pk), 1)
    assert "Tea Room is deleted." in run("room", "delete", "tea room")
    assert last_audit_entry() == ("deleted", None, "command line")
    assert run("room", "delete", room.pk) == "Tea Room was deleted already.\n"
    assert (run("rooms"), "Tea Room" in run("rooms", "--deleted")) == ("", True)
    assert run("room", "restore", "Tea Room") == "Tea Room is back.\n"
    assert last_audit_entry() == ("restored", None, "command line")
    assert run("room", "restore", "Tea Room") == "Tea Room was not deleted.\n"
    assert Message.objects.filter(room=room, kind="deleted", author=None).exists()
    call_command("verify_transcripts", stdout=StringIO())


def test_rooms_of_one_name_are_told_apart_by_their_ids(alice: User) -> None:
    rooms = [open_room(actor=alice, name="Den", kind="private") for _ in range(2)]
    code, sentence = refusal("room", "delete", "den")
    assert (code, all(str(room.pk) in sentence for room in rooms)) == (4, True)
    assert refusal("room", "delete", "nowhere")[0] == 3


def test_a_room_is_exported_by_name_and_the_log_says_so(alice: User, tmp_path: Path) -> None:
    room = open_room(actor=alice, name="Tea Room")
    run("room", "export", "tea room", "--output", tmp_path / "tea.jsonl")
    assert str(room.pk) in (tmp_path / "tea.jsonl").read_text()
    assert last_audit_entry() == ("exported", None, "command line")


def test_nobody_may_do_anything_but_at_the_command_line(alice: User, dana: User) -> None:
    room = open_room(actor=alice, name="Tea Room")
    with pytest.raises(NotAllRights):
        actions.suspend(dana, actor=None)
    with pytest.raises(NotAllRights):
        actions.set_access(alice, actor=None, is_staff=True, is_superuser=True)
    with pytest.raises(errors.NotAdmin):
        delete_room(room, actor=None)
    with pytest.raises(errors.NotSiteAdmin):
        restore_room(room, actor=None)
    assert not Room.objects.get().is_deleted


# --- Mail ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(settings: Settings) -> Iterator[Mailbox]:
    with mailbox() as server:
        settings.HAS_MAIL_SERVER, settings.EMAIL_BACKEND = True, "chatsite.outbox.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        yield server


def test_the_mail_server_is_tried_and_its_answer_told(server: Mailbox, settings: Settings) -> None:
    assert "has taken a mail to erin@example.org" in run("mail", "test", "erin@example.org")
    assert [recipient for recipient, _ in server.letters] == ["erin@example.org"]
    server.answers = {"RCPT": "550 nobody here"}
    assert "nobody here" in refusal("mail", "test", "erin@example.org")[1]
    assert "no address" in refusal("mail", "test", "erin")[1]
    settings.EMAIL_PORT = servers.free_port()
    assert str(settings.EMAIL_PORT) in refusal("mail", "test", "erin@example.org")[1]
    settings.HAS_MAIL_SERVER = False
    assert "EMAIL_URL" in refusal("mail", "test", "erin@example.org")[1]


def test_mail_that_waits_is_listed_without_its_words_and_sent_when_asked(
    server: Mailbox, alice: User, settings: Settings
) -> None:
    server.answers = {"": "421 too busy"}
    run("user", "reset", "alice", "--mail")
    assert "too busy" in refusal("mail", "send")[1]
    said = run("mail", "list")
    assert "held_up  alice@example.org  1×" in said
    assert "reset" not in said + run("mail", "list", "--json")
    server.answers = {}
    assert "sent by this command" in run("mail", "send")
    assert run("mail", "list") == "0 wait, 0 were given up.\n"
    assert len(server.letters) == 1
