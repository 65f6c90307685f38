"""A guest who keeps their account under somebody else's address: they stay a guest, and get no way back."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import come_in_as_guest, delete_account, retire, sweep_guests
from accounts.models import Invitation, PendingSignup, SiteSettings, User
from accounts.sessions import begin_apart
from tests.accounts.doors import app, app_log_in, is_in, link_in, log_in, reauthenticate, reset_password
from tests.conftest import PASSWORD, new_user

pytestmark = [pytest.mark.django_db, pytest.mark.security, pytest.mark.rules]

NEW = "another good horse"
VICTIM = "victim@example.org"
OWN = "mallory@example.org"


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True


@pytest.fixture
def guest(client: Client) -> User:
    client.post(reverse("guest"), {"display_name": "Mallory"})
    return User.objects.get(is_guest=True)


def keep(client: Client, **fields: str) -> Any:
    answers = {"email": VICTIM, "username": "mallory", "password1": PASSWORD, **fields}
    return client.post(reverse("account_keep"), answers)


def confirm(client: Client, message: Any = None) -> Any:
    return client.post(link_in(message or mail.outbox[-1]))


def test_until_the_address_is_confirmed_the_person_is_a_guest_in_all_respects(client: Client, guest: User) -> None:
    keep(client)

    before = (guest.username, guest.email, guest.password, guest.display_name)
    guest.refresh_from_db()
    assert guest.is_guest
    assert (guest.username, guest.email, guest.password, guest.display_name) == before
    assert not EmailAddress.objects.exists()
    assert client.get("/api/me").json()["is_guest"]
    assert client.get(reverse("account_email"))["Location"] == reverse("account_keep")
    assert client.post("/api/rooms", {"name": "Den"}, content_type="application/json").status_code == 403
    for door in (log_in, app_log_in):
        for name in ("mallory", VICTIM):
            stranger = Client()
            door(stranger, name)
            assert not is_in(stranger)


def test_the_whole_attack_over_the_pages(client: Client, guest: User) -> None:
    keep(client)
    # An address of their own, which they would come back by.
    client.post(reverse("account_email"), {"action_add": "", "email": OWN})
    assert not any(OWN in message.to for message in mail.outbox)

    owner = Client()
    confirm(owner)
    owner.post(reverse("account_reset_password"), {"email": VICTIM})
    reset_password(owner, mail.outbox[-1], NEW)

    account = User.objects.get(pk=guest.pk)
    assert account.check_password(NEW)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(VICTIM, True, True)]
    assert client.get("/api/me").status_code == 401
    mail.outbox.clear()
    client.post(reverse("account_reset_password"), {"email": OWN})
    assert [message.subject for message in mail.outbox] == ["No account on Chatsite has this address"]


def test_the_whole_attack_by_the_app_client(client: Client) -> None:
    token = client.post("/api/guests", {"display_name": "M"}, content_type="application/json").json()["session_token"]
    guest = User.objects.get(is_guest=True)
    for method, path, data in [
        ("post", "account/email", {"email": OWN}),
        ("post", "account/password/change", {"new_password": PASSWORD}),
    ]:
        assert app(Client(), method, path, data, token).status_code == 403
    assert app(Client(), "post", "auth/signup", {"email": VICTIM}, token).status_code in {400, 409}
    for method in ("put", "patch", "delete"):
        change = {"email": VICTIM, "primary": True}
        assert app(Client(), method, "account/email", change, token).status_code == 400

    assert not EmailAddress.objects.exists()
    guest.refresh_from_db()
    assert guest.is_guest
    assert not guest.has_usable_password()


def test_the_link_makes_the_account_and_keeps_this_session_alone(client: Client, guest: User, rf: Any) -> None:
    elsewhere = Client()
    elsewhere.force_login(guest)
    elsewhere.get("/api/me")
    token = begin_apart(rf.get("/"), guest)
    keep(client, email=OWN)
    assert "is the address of" in client.get(link_in(mail.outbox[0])).content.decode()

    assert confirm(client)["Location"] == reverse("account")

    person = client.get("/api/me").json()
    assert (person["username"], person["is_guest"], person["id"]) == ("mallory", False, str(guest.pk))
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(OWN, True, True)]
    assert elsewhere.get("/api/me").status_code == 401
    assert Client().get("/api/me", headers={"X-Session-Token": token}).status_code == 401
    assert not UserSession.objects.exclude(session_key=client.session.session_key).exists()
    assert not PendingSignup.objects.exists()
    again = Client()
    log_in(again, OWN)
    assert is_in(again)


def test_the_link_signs_nobody_in_elsewhere_and_the_guest_out(client: Client, guest: User) -> None:
    keep(client)
    other = Client()

    assert confirm(other)["Location"] == reverse("account_login")

    assert not is_in(other)
    assert client.get("/api/me").status_code == 401


def test_a_link_is_good_once(client: Client, guest: User) -> None:
    keep(client)
    confirm(client)

    assert confirm(client).status_code == 410
    assert "has expired" in Client().get(link_in(mail.outbox[0])).content.decode()


def test_a_second_tab_makes_the_first_ones_link_void(client: Client, guest: User) -> None:
    keep(client)
    keep(client, email=OWN, username="mal")
    first, second = mail.outbox

    assert confirm(Client(), first).status_code == 410
    assert User.objects.get(pk=guest.pk).is_guest
    confirm(client, second)
    assert client.get("/api/me").json()["username"] == "mal"


def test_a_second_tab_still_says_what_it_waits_for(client: Client, guest: User) -> None:
    keep(client)

    page = client.get(reverse("account_keep")).content.decode()

    assert VICTIM in page
    assert "until then you are here as a guest" in page


@pytest.mark.parametrize("late", [timedelta(days=3, minutes=1), timedelta(days=30)])
def test_an_old_link_is_refused(client: Client, guest: User, late: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(client)
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + late.total_seconds())

    assert confirm(Client()).status_code == 410
    assert User.objects.get(pk=guest.pk).is_guest


@pytest.mark.parametrize("token", ["1", "1:abc:def", "made-up"])
def test_a_link_that_means_nothing_is_refused(client: Client, token: str) -> None:
    address = reverse("account_keep_confirm", args=[token])
    assert "has expired" in client.get(address).content.decode()
    assert client.post(address).status_code == 410


def test_a_name_that_was_taken_meanwhile_is_refused_and_nothing_is_half_done(client: Client, guest: User) -> None:
    keep(client)
    new_user("Mallory")

    answer = confirm(client)

    assert answer.status_code == 409
    assert "Somebody took this username meanwhile" in answer.content.decode()
    assert User.objects.get(pk=guest.pk).is_guest
    assert not EmailAddress.objects.exists()
    keep(client, username="mallory2")
    confirm(client)
    assert client.get("/api/me").json()["username"] == "mallory2"


def test_an_address_that_was_taken_meanwhile_is_refused(client: Client, guest: User) -> None:
    keep(client)
    EmailAddress.objects.create(user=new_user("vic"), email=VICTIM, verified=True, primary=True)

    assert confirm(client).status_code == 409
    assert User.objects.get(pk=guest.pk).is_guest


def test_an_invitation_is_used_by_the_link(client: Client, guest: User) -> None:
    invitation = Invitation.objects.create(uses_left=1)
    SiteSettings.objects.create(sign_up="invitation")
    keep(client, invitation=invitation.code)
    invitation.refresh_from_db()
    assert invitation.uses_left == 1

    confirm(client)

    invitation.refresh_from_db()
    assert invitation.uses_left == 0
    assert not User.objects.get(pk=guest.pk).is_guest


def test_a_name_is_not_reserved_by_who_only_asks(client: Client, guest: User) -> None:
    keep(client)
    assert client.get(reverse("username_check"), {"username": "mallory"}).json()["free"]


@pytest.mark.parametrize("ending", [delete_account, retire])
def test_a_link_does_not_bring_back_who_has_gone(client: Client, guest: User, ending: Any) -> None:
    keep(client)
    ending(guest)

    assert confirm(Client()).status_code == 410
    assert not PendingSignup.objects.exists()


def test_a_guest_who_waits_for_a_link_is_swept_like_any_other(client: Client, guest: User) -> None:
    keep(client)
    User.objects.update(seen_at=timezone.now() - timedelta(days=31))

    assert sweep_guests() == (1, 0)
    assert not PendingSignup.objects.exists()


def test_an_unconfirmed_request_is_swept(client: Client, guest: User) -> None:
    keep(client)
    PendingSignup.objects.update(created_at=timezone.now() - timedelta(days=4))

    sweep_guests()

    assert not PendingSignup.objects.exists()


def test_without_mail_an_account_is_kept_at_once(client: Client, guest: User, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    keep(client)

    assert not User.objects.get(pk=guest.pk).is_guest
    assert not mail.outbox


# --- Accounts from before: kept under an address that was never confirmed ---------------------------------------------


@pytest.fixture
def kept_before() -> User:
    """An account as the site made them, whose holder has since added and confirmed an address of their own."""
    account = new_user("mallory")
    User.objects.filter(pk=account.pk).update(email=VICTIM)
    EmailAddress.objects.create(user=account, email=VICTIM, primary=True)
    EmailAddress.objects.create(user=account, email=OWN, verified=True)
    EmailAddress.objects.create(user=account, email="third@example.org")
    return come_back(account)


def come_back(account: User) -> User:
    account.refresh_from_db()
    return account


@pytest.mark.parametrize("by_app", [False, True])
def test_a_reset_by_the_first_address_leaves_no_way_back(kept_before: User, client: Client, by_app: bool) -> None:
    client.force_login(kept_before)
    client.get("/api/me")
    owner = Client()
    if by_app:
        app(owner, "post", "auth/password/request", {"email": VICTIM})
        key = link_in(mail.outbox[-1]).removeprefix("/accounts/password/reset/key/").strip("/")
        app(owner, "post", "auth/password/reset", {"key": key, "password": NEW})
    else:
        owner.post(reverse("account_reset_password"), {"email": VICTIM})
        reset_password(owner, mail.outbox[-1], NEW)

    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(VICTIM, True, True)]
    assert client.get("/api/me").status_code == 401
    assert not UserSession.objects.filter(user=kept_before).exists()
    log_in(owner, VICTIM, NEW)
    assert is_in(owner)
    mail.outbox.clear()
    client.post(reverse("account_reset_password"), {"email": OWN})
    assert [message.subject for message in mail.outbox] == ["No account on Chatsite has this address"]


def test_its_confirmation_leaves_no_way_back(kept_before: User, client: Client) -> None:
    client.force_login(kept_before)
    client.get("/api/me")
    client.post(reverse("account_email"), {"action_send": "", "email": VICTIM})

    confirm(Client())

    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(VICTIM, True, True)]
    assert client.get("/api/me").status_code == 401


def test_a_reset_by_the_later_address_does_not_take_the_first_one_along(kept_before: User, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": OWN})
    reset_password(client, mail.outbox[-1], NEW)

    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(OWN, True, True)]
    assert come_back(kept_before).email == OWN


def test_a_link_vouches_for_the_address_that_it_was_sent_to_alone(kept_before: User, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": OWN})
    link = link_in(mail.outbox[-1])
    own, first = (EmailAddress.objects.get(email=email).pk for email in (OWN, VICTIM))

    answer = client.get(link.replace(f"-{own}~", f"-{first}~"), follow=True)

    assert f"-{own}~" in link
    assert "This link no longer works" in answer.content.decode()


def test_confirmed_addresses_from_before_outlast_a_reset(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    EmailAddress.objects.create(user=alice, email="second@example.org", verified=True)
    client.post(reverse("account_reset_password"), {"email": "second@example.org"})
    reset_password(client, mail.outbox[-1], NEW)

    kept = EmailAddress.objects.order_by("pk").values_list("email", "verified", "primary")
    assert list(kept) == [("alice@example.org", True, True), ("second@example.org", True, False)]


def test_confirming_a_second_address_changes_nothing_else(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    client.force_login(alice)
    reauthenticate(client)
    elsewhere = Client()
    elsewhere.force_login(alice)
    for email in ("second@example.org", "third@example.org"):
        client.post(reverse("account_email"), {"action_add": "", "email": email})

    client.post(link_in(next(message for message in mail.outbox if message.to == ["second@example.org"])))

    assert EmailAddress.objects.filter(user=alice).count() == 3
    assert elsewhere.get("/api/me").status_code == 200


def test_an_address_that_a_reset_removes_is_told(kept_before: User, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": VICTIM})
    link = mail.outbox[-1]
    mail.outbox.clear()
    reset_password(client, link, NEW)

    told = {message.to[0]: message.subject for message in mail.outbox}
    assert "was removed" in told[OWN]
    assert "password" in told[VICTIM]
    assert "third@example.org" not in told


def test_guests_are_no_kind_of_account_to_reset(client: Client) -> None:
    come_in_as_guest(display_name="Ada")
    client.post(reverse("account_reset_password"), {"email": VICTIM})
    assert mail.outbox[0].subject == "No account on Chatsite has this address"
