"""Mail waits for a mail server that is away, is sent once it is back, and only once."""

import re
import smtplib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account import app_settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import PendingSignup, User
from chatsite import outbox
from chatsite.models import OutgoingMail
from tests.accounts.doors import app
from tests.conftest import PASSWORD
from tests.security.attack.mail import HANG, HOST, Mailbox, mailbox
from tests.servers import free_port

pytestmark = [pytest.mark.rules, pytest.mark.django_db]

EMAIL = "erin@example.org"
State = OutgoingMail.State


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with mailbox() as server:
        yield server


@pytest.fixture(autouse=True)
def use(settings: Settings, server: Mailbox) -> None:
    """As the settings are where EMAIL_URL names a mail server."""
    settings.HAS_MAIL_SERVER = settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.EMAIL_BACKEND = "chatsite.outbox.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
    settings.EMAIL_TIMEOUT = 0.3
    # What other tests have asked for at the same address counts no more.
    cache.clear()


def queue(subject: str = "Tea", to: str = EMAIL) -> OutgoingMail:
    EmailMessage(subject, "It is ready.", None, [to]).send()
    return OutgoingMail.objects.latest("pk")


def sent(server: Mailbox) -> list[tuple[str, str]]:
    return [(recipient, str(letter["Subject"])) for recipient, letter in server.letters]


def hurry(**more: Any) -> None:
    """Let the pauses pass."""
    OutgoingMail.objects.waiting().update(due_at=timezone.now(), **more)


# --- Whatever the mail server does, the answer is the same -----------------------------------------------------------


def sign_up_page() -> Any:
    return Client().post(reverse("account_signup"), {"email": EMAIL, "username": "erin", "password1": PASSWORD})


def sign_up_app() -> Any:
    return app(Client(), "post", "auth/signup", {"email": EMAIL, "username": "erin", "password": PASSWORD})


def reset_page() -> Any:
    User.objects.create_user("erin", EMAIL, PASSWORD)
    return Client().post(reverse("account_reset_password"), {"email": EMAIL})


def reset_app() -> Any:
    User.objects.create_user("erin", EMAIL, PASSWORD)
    return app(Client(), "post", "auth/password/request", {"email": EMAIL})


def keep_page() -> Any:
    client = Client()
    client.post(reverse("guest"), {"display_name": "Erin"})
    return client.post(reverse("account_keep"), {"email": EMAIL, "username": "erin", "password1": PASSWORD})


DOORS = {sign_up_page: 302, sign_up_app: 401, reset_page: 302, reset_app: 200, keep_page: 302}
TROUBLES: dict[str, dict[str, str | None]] = {
    "away": {},
    "hanging": {"": HANG},
    "hanging at the end": {".": HANG},
    "busy": {"": "421 too busy"},
    "locked": {"RCPT": "450 try again"},
    "full": {".": "452 no room"},
    "closed to us": {"MAIL": "550 not from you"},
}


@pytest.mark.security
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_mail_waits_for_a_server_in_trouble_and_is_sent_when_it_is_well(
    door: Callable[[], Any], trouble: str, server: Mailbox, settings: Settings
) -> None:
    port = settings.EMAIL_PORT
    if trouble == "away":
        settings.EMAIL_PORT = free_port()
    server.answers = TROUBLES[trouble]

    answer = door()
    outbox.send_due()

    assert answer.status_code == DOORS[door]
    if door in {sign_up_app, reset_app}:
        assert answer.json()["status"] == answer.status_code
    assert not server.letters
    [waiting] = OutgoingMail.objects.all()
    assert (waiting.attempts, bool(waiting.error), waiting.due_at > timezone.now()) == (1, True, True)

    settings.EMAIL_PORT, server.answers = port, {}
    hurry()
    outbox.send_due()
    outbox.send_due()

    assert [recipient for recipient, _ in sent(server)] == [EMAIL]
    assert not OutgoingMail.objects.exists()


def test_who_signed_up_comes_in_by_the_mail_that_waited(server: Mailbox, settings: Settings) -> None:
    server.answers = {"": "421 too busy"}
    sign_up_page()
    outbox.send_due()
    server.answers = {}
    hurry()
    outbox.send_due()

    [(_, letter)] = server.letters
    found = re.search(r"/accounts/confirm-email/\S+", str(letter.get_payload()))
    assert found
    client = Client()
    client.post(found[0])
    client.post(reverse("account_login"), {"login": "erin", "password": PASSWORD})
    assert "_auth_user_id" in client.session


# --- Once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", [sign_up_page, sign_up_app, keep_page], ids=lambda door: door.__name__)
def test_an_account_and_its_mail_are_there_or_neither(door: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """What nothing catches."""

    def killed(*_: Any) -> int:
        raise Killed

    monkeypatch.setattr(outbox.EmailBackend, "send_messages", killed)
    with pytest.raises(Killed):
        door()

    assert not User.objects.filter(username="erin").exists()
    assert not PendingSignup.objects.exists()


def test_mail_of_a_transaction_that_is_undone_is_not_sent(server: Mailbox) -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    outbox.send_due()
    assert not server.letters


def test_a_mail_that_a_killed_process_was_sending_is_sent_by_another(server: Mailbox) -> None:
    queue()
    assert outbox.claim()  # and then killed

    outbox.send_due()
    assert not server.letters

    OutgoingMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    outbox.send_due()
    assert len(server.letters) == 1


def test_a_mail_keeps_its_message_id_however_often_it_is_tried(server: Mailbox) -> None:
    """The one case in which it can come twice: killed after the server took it, before the database heard."""
    queue()
    for _ in range(2):
        row = OutgoingMail.objects.get()
        with_id = smtplib.SMTP(HOST, server.server_address[1])
        with_id.sendmail(row.sender, row.recipients, bytes(row.content))
        with_id.quit()
    first, second = (letter["Message-ID"] for _, letter in server.letters)
    assert first == second


def test_what_was_sent_while_the_database_went_away_is_not_sent_again(
    server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue()
    real = outbox.forget_sent
    monkeypatch.setattr(outbox, "forget_sent", lambda: None)  # it did not come to it
    outbox.send_due()
    monkeypatch.setattr(outbox, "forget_sent", real)
    hurry()
    outbox.send_due()
    assert len(server.letters) == 1


@pytest.mark.django_db(transaction=True)
def test_several_processes_send_each_mail_once(server: Mailbox) -> None:
    for number in range(30):
        queue(f"Tea {number}")
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            outbox.send_due()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(subject for _, subject in sent(server)) == sorted(f"Tea {number}" for number in range(30))
    assert not OutgoingMail.objects.exists()


# --- Pauses, and the end of patience ---------------------------------------------------------------------------------


def test_pauses_grow_up_to_a_bound(server: Mailbox) -> None:
    server.answers = {"": "421 too busy"}
    queue()
    pauses = []
    for _ in range(9):
        outbox.send_due()
        pauses.append(round((OutgoingMail.objects.get().due_at - timezone.now()).total_seconds()))
        hurry()
    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600, 600]


def test_a_server_that_is_away_is_asked_once_a_round_however_much_waits(
    server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers = {"": "421 too busy"}
    for number in range(5):
        queue(f"Tea {number}")
    outbox.send_due()
    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]


def test_an_address_that_is_refused_for_good_is_given_up_and_holds_nothing_up(server: Mailbox) -> None:
    server.answers = {"RCPT": "550 nobody here"}
    queue("first")
    outbox.send_due()
    server.answers = {}
    queue("second")
    outbox.send_due()

    assert [subject for _, subject in sent(server)] == ["second"]
    [left] = OutgoingMail.objects.all()
    assert (left.state, bytes(left.content), "550" in left.error) == (State.GIVEN_UP, b"", True)


def test_a_mail_that_is_refused_for_now_holds_no_other_up(server: Mailbox) -> None:
    queue("grey")
    server.answers = {".": "451 later"}
    outbox.send_due()
    assert OutgoingMail.objects.get().state == State.REFUSED
    assert not outbox.is_held_up()


@pytest.mark.security
def test_no_link_is_sent_that_is_dead_nor_kept_for_long(server: Mailbox, settings: Settings) -> None:
    queue()
    links_live = min(
        timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT), timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)
    )
    assert links_live - timedelta(days=1) >= outbox.GIVE_UP_AFTER

    OutgoingMail.objects.update(queued_at=timezone.now() - outbox.GIVE_UP_AFTER - timedelta(minutes=1))
    outbox.send_due()
    assert not server.letters
    left = OutgoingMail.objects.get()
    assert (left.state, bytes(left.content)) == (State.GIVEN_UP, b"")

    OutgoingMail.objects.update(queued_at=timezone.now() - outbox.KEEP_GIVEN_UP - timedelta(minutes=1))
    outbox.send_due()
    assert not OutgoingMail.objects.exists()


# --- What people are told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["account_email_verification_sent", "account_reset_password_done"])
def test_the_page_says_when_mail_has_to_wait(page: str, server: Mailbox, client: Client) -> None:
    said = "as soon as the mail server is back"
    assert said not in client.get(reverse(page)).content.decode()
    server.answers = {"": "421 too busy"}
    queue()
    assert said not in client.get(reverse(page)).content.decode()
    outbox.send_due()
    assert said in client.get(reverse(page)).content.decode()


def test_the_thread_sends_without_being_asked(server: Mailbox) -> None:
    looked = threading.Event()
    worker = outbox.Worker(looked.set)
    worker.start()
    try:
        for _ in range(2):
            assert looked.wait(20)
            looked.clear()
            worker.wake()
    finally:
        worker.stop()


def test_no_answer_waits_for_the_mail_server(server: Mailbox) -> None:
    """Nothing is said to it before the answer is there."""
    began = threading.active_count()
    sign_up_page()
    assert threading.active_count() == began
    assert OutgoingMail.objects.get().attempts == 0
