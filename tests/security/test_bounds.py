"""Every text from outside has a bound: what test_long_text.py, which tries them all, rests on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.headless.account.inputs import LoginInput
from django import forms
from django.test import Client
from django.urls import reverse

from accounts.actions import clean_display_name
from accounts.errors import BadDisplayName
from accounts.forms import LoginForm
from accounts.models import User
from chatsite.http.middleware import ADDRESS_MAX
from chatsite.text import LONGEST, TextTooLongError, fold, one_line
from rooms import errors
from rooms.actions.messages import post_message
from rooms.actions.moderation import report_message
from rooms.actions.rooms import clean_name, clean_topic
from rooms.models import Room
from tests.security.doors import api_doors, documented, documented_body
from tests.security.metered import metered

pytestmark = pytest.mark.security

# Two runs of marks that Unicode wants in another order: what takes longest to normalise.
MARKS = "a" + "\u0301" * 30_000 + "\u0323" * 30_000


def subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        yield one
        yield from subclasses(one)


def test_each_text_field_of_each_form_has_a_bound() -> None:
    every = set(subclasses(forms.BaseForm))
    # Those of allauth's client for apps are forms, too.
    assert {LoginForm, LoginInput} <= every
    unbound = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in every
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.CharField) and not field.max_length
    ]
    assert unbound == []


def texts_without_a_bound(shape: Any, where: str) -> Iterator[str]:
    if isinstance(shape, list):
        for part in shape:
            yield from texts_without_a_bound(part, where)
    if isinstance(shape, dict):
        if shape.get("type") == "string" and not {"maxLength", "format", "enum", "const", "pattern"} & set(shape):
            yield where
        for name, part in shape.items():
            yield from texts_without_a_bound(part, f"{where} {name}")


def test_each_text_that_the_api_takes_has_a_bound() -> None:
    unbound = [
        where
        for door in sorted(api_doors())
        for taken in (documented(door).get("parameters", []), documented_body(door))
        for where in texts_without_a_bound(taken, str(door))
    ]
    assert unbound == []


@pytest.mark.parametrize("clean", [fold, one_line])
def test_nothing_longer_than_any_name_is_normalised(clean: Callable[[str], str]) -> None:
    assert clean("a" * LONGEST) == "a" * LONGEST
    with pytest.raises(TextTooLongError):
        clean("a" * (LONGEST + 1))


def test_nobody_has_so_long_a_name(alice: User) -> None:
    assert User.objects.named("  alice").exists()
    assert not User.objects.named(MARKS).exists()


@pytest.mark.parametrize(
    ("clean", "refusal"),
    [(clean_display_name, BadDisplayName), (clean_name, errors.BadName), (clean_topic, errors.BadTopic)],
)
def test_far_too_long_is_refused_like_a_little_too_long(clean: Callable[[str], str], refusal: type[Exception]) -> None:
    for text in ("a" * 201, MARKS):
        with pytest.raises(refusal):
            clean(text)


def test_a_long_reason_is_refused_like_one_a_little_too_long(room: Room, alice: User, bob: User) -> None:
    seq = post_message(room, actor=alice, client_id="1", body="Words").row.seq
    for reason in ("a" * 1_001, MARKS):
        with pytest.raises(errors.ReasonTooLong):
            report_message(room, actor=bob, seq=seq, reason=reason)


@pytest.mark.django_db
def test_a_door_that_knows_no_better_answers_400(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(request: object) -> str:
        return fold(MARKS)

    monkeypatch.setattr("accounts.views.entrance.is_asking_too_fast", forgetful)
    assert client.get(reverse("username_check")).status_code == 400


@pytest.mark.django_db
def test_an_address_longer_than_a_line_is_refused(client: Client) -> None:
    assert client.get("/healthz", {"x": "x" * (ADDRESS_MAX - 100)}).status_code == 200
    assert client.get("/healthz", {"x": "x" * ADDRESS_MAX}).status_code == 414
    answer = client.get("/api/rooms", {"q": "x" * ADDRESS_MAX})
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "application/json")


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["x", "room_list", "javascript:x", "//elsewhere.example", "//a" + MARKS, "/" + MARKS])
def test_who_comes_in_is_led_to_no_such_place(client: Client, place: str) -> None:
    answer = client.post(reverse("guest"), {"display_name": "Gus", "next": place})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("room_list"))


def test_a_list_of_long_messages_is_cheap(client: Client, dana: User, room: Room, alice: User) -> None:
    """Django normalises all of a text of which it shows the beginning."""
    for number in range(10):
        post_message(room, actor=alice, client_id=str(number), body=MARKS[25_000:35_000])
    client.force_login(dana)
    page = reverse("admin:rooms_message_changelist")
    client.get(page)
    with metered() as seconds:
        assert client.get(page).status_code == 200
    assert seconds[0] < 0.1
