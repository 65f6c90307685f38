"""Nobody is called what looks like somebody else, or like nothing."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.actions import come_in_as_guest, delete_account, first_admin_link, set_display_name
from accounts.errors import BadDisplayName
from accounts.models import User, skeleton_of, validate_username
from chatsite.lookalikes import is_of_one_alphabet, skeleton
from chatsite.text import can_be_seen
from rooms import errors
from rooms.actions.rooms import open_room
from tests.accounts.conftest import no_limits_used_up
from tests.conftest import PASSWORD, new_user

__all__ = ["no_limits_used_up"]

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db]

LIKE_ALICE = ["alice\u1160", "alice\u115f", "alice\u3164", "аlice", "аӏісе", "a1ice", "aIice", "alіce"]
INVISIBLE = ["\u1160\u1160", "\u115f\u115f", "\u3164\u3164", "\uffa0\uffa0"]
MIXED = ["bоb", "pаypаl", "ελλαda", "Ωmega", "a\u0663b", "김あ"]
FINE = [
    "alice2", "Łukasz", "naïve", "алиса", "ελλάδα", "محمد_2", "김철수", "김철수kim", "田中tanaka", "たなかタロウ",
    "ไทย", "אבג", "Ярослав77", "o.o", "x+y",
]  # fmt: skip


# --- Usernames, at each door -----------------------------------------------------------------------------------------


def by_page(username: str) -> Any:
    fields = {"username": username, "email": "m@example.org", "password1": PASSWORD}
    return Client().post(reverse("account_signup"), fields).content.decode()


def by_app(username: str) -> Any:
    fields = {"username": username, "email": "m@example.org", "password": PASSWORD}
    answer = Client().post("/_allauth/app/v1/auth/signup", json.dumps(fields), content_type="application/json")
    return answer.json()


def by_guest(username: str) -> Any:
    client = Client()
    client.post(reverse("guest"), {"display_name": "Gus"})
    fields = {"username": username, "email": "m@example.org", "password1": PASSWORD}
    return client.post(reverse("account_keep"), fields).content.decode()


def by_first_admin(username: str) -> Any:
    fields = {"username": username, "email": "m@example.org", "password": PASSWORD}
    return Client().post(first_admin_link(), fields).content.decode()


def by_command(username: str) -> Any:
    try:
        call_command("createsuperuser", username=username, email="m@example.org", interactive=False, stdout=StringIO())
    except CommandError as error:
        return str(error)
    return ""


def by_site_admin(username: str) -> Any:
    client = Client()
    client.force_login(new_user("dana", is_staff=True, is_superuser=True))
    fields = {"username": username, "email": "m@example.org", "usable_password": "true"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    return client.post("/admin/accounts/user/add/", fields | passwords).content.decode()


DOORS = [by_page, by_app, by_guest, by_first_admin, by_command, by_site_admin]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("username", [LIKE_ALICE[0], LIKE_ALICE[3], "a1ice", *INVISIBLE[:1], MIXED[0]])
def test_no_door_takes_such_a_name(alice: User, door: Callable[[str], Any], username: str) -> None:
    answer = door(username)
    assert not User.objects.filter(email="m@example.org").exists()
    if username == "a1ice":
        assert "This username looks like somebody else’s" in str(answer)


@pytest.mark.parametrize("door", DOORS)
def test_each_door_takes_another_name(alice: User, door: Callable[[str], Any]) -> None:
    door("алиса")
    assert User.objects.get(email="m@example.org").username == "алиса"


@pytest.mark.parametrize("username", LIKE_ALICE)
def test_a_name_that_looks_like_somebody_s_is_not_free(client: Client, alice: User, username: str) -> None:
    answer = client.get(reverse("username_check"), {"username": username}).json()
    assert not answer["free"], answer


@pytest.mark.parametrize(
    ("one", "other"), [("bill1", "billl"), ("modern", "modem"), ("bob0", "bobo"), ("rnary", "mary"), ("асе", "ace")]
)
def test_of_two_alike_only_the_first_is_taken(client: Client, one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        new_user(first)
        answer = client.get(reverse("username_check"), {"username": second}).json()
        assert answer == {"free": False, "detail": "This username looks like somebody else’s. Please choose another."}
        User.objects.all().delete()


@pytest.mark.parametrize("username", [*INVISIBLE, *MIXED, "𐌀𐌁"])
def test_invisible_and_mixed_names_are_refused(username: str) -> None:
    with pytest.raises(ValidationError):
        validate_username(User.normalize_username(username))


@pytest.mark.parametrize("username", FINE)
def test_names_of_one_alphabet_are_taken(username: str) -> None:
    validate_username(username)
    assert is_of_one_alphabet(username)


@pytest.mark.parametrize("username", ["guest-1234", "ɡuest-1", "de1eted-1", "deIeted-7", "GUEST-9"])
def test_a_name_that_looks_like_the_site_s_own_is_refused(client: Client, username: str) -> None:
    assert not client.get(reverse("username_check"), {"username": username}).json()["free"]


def test_the_names_that_the_site_gives_are_no_one_s_lookalikes() -> None:
    assert len({skeleton(digit) for digit in "0123456789abcdef"}) == 16
    guests = [come_in_as_guest(display_name="Gus") for _ in range(20)]
    assert len({guest.username_skeleton for guest in guests}) == 20


def test_nobody_logs_in_by_a_lookalike(alice: User) -> None:
    assert not Client().login(username="a1ice", password=PASSWORD)
    assert Client().login(username="ALICE", password=PASSWORD)


# --- Keeping, changing and giving up a name --------------------------------------------------------------------------


def test_the_database_holds_it(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        new_user("a1ice")


def test_a_name_that_was_given_up_can_be_looked_like(alice: User) -> None:
    delete_account(alice)
    assert new_user("a1ice").username_skeleton == "alice"


def test_a_new_name_has_a_new_skeleton(alice: User) -> None:
    alice.username = "Eve1"
    alice.save(update_fields=["username"])
    alice.refresh_from_db()
    assert (alice.username_skeleton, alice.skeleton_number) == ("evel", 0)
    new_user("a1ice")


def keep_from_before(username: str, number: int) -> User:
    """Make somebody who has had this name since before such names were refused."""
    user = new_user("somebody")
    User.objects.filter(pk=user.pk).update(
        username=username, username_folded=username, username_skeleton=skeleton_of(username), skeleton_number=number
    )
    return User.objects.get(pk=user.pk)


def test_who_had_such_a_name_before_keeps_it(client: Client, alice: User, dana: User) -> None:
    double = keep_from_before("аlice", 1)
    double.set_password(PASSWORD)
    double.save()
    double.refresh_from_db()
    assert double.skeleton_number == 1
    client.force_login(dana)
    for person in (double, alice):
        fields = {"username": person.username, "email": f"{person.pk}@example.org", "display_name": "Somebody"}
        answer = client.post(f"/admin/accounts/user/{person.pk}/change/", fields)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        person.refresh_from_db()
        assert person.display_name == "Somebody"


def test_a_site_admin_renames_nobody_into_a_lookalike(client: Client, alice: User, bob: User, dana: User) -> None:
    client.force_login(dana)
    for username in ("a1ice", "bоb", "bob\u1160"):
        answer = client.post(f"/admin/accounts/user/{bob.pk}/change/", {"username": username, "email": bob.email})
        assert answer.context["adminform"].form.errors["username"]
    bob.refresh_from_db()
    assert bob.username == "bob"


def test_who_looks_like_two_is_like_both(alice: User) -> None:
    keep_from_before("аlice", 1)
    delete_account(alice)
    assert "looks like somebody" in by_page("a1ice")


# --- Other names -----------------------------------------------------------------------------------------------------

UNSEEN = ["\u3164", "\u2800", "\u115f\u1160", "Ada\u3164", "A\u2800da", "\u0301", "\ufe0f", "Ada\u034f", "\U0001d159"]
SEEN = [
    "Ada", "♥", "❤\ufe0f", "👩\u200d👧", "👩🏽\u200d🚀", "🏳\ufe0f\u200d🌈", "1\ufe0f\u20e3", "می\u200cخواهم",
    "क्\u200dष", "葛\U000e0100城", "Zoë", "-", "#1",
]  # fmt: skip


@pytest.mark.parametrize("name", UNSEEN)
def test_nobody_and_no_room_is_called_what_cannot_be_seen(client: Client, alice: User, dana: User, name: str) -> None:
    with pytest.raises(BadDisplayName):
        set_display_name(alice, display_name=name)
    with pytest.raises(errors.BadName):
        open_room(actor=alice, name=name)
    assert Client().post("/api/guests", {"display_name": name}, content_type="application/json").status_code == 422
    Client().post(reverse("guest"), {"display_name": name})
    client.force_login(dana)
    fields = {"username": "alice", "email": alice.email, "display_name": name}
    client.post(f"/admin/accounts/user/{alice.pk}/change/", fields)
    assert not User.objects.filter(is_guest=True).exists()
    assert not User.objects.exclude(display_name="").exists()


@pytest.mark.parametrize("name", SEEN)
def test_what_can_be_seen_is_a_name(alice: User, name: str) -> None:
    assert can_be_seen(name)
    set_display_name(alice, display_name=name)
    open_room(actor=alice, name=name)
    alice.refresh_from_db()
    assert alice.display_name == name
