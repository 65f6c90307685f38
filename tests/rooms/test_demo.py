"""``manage.py demo``: a site to try out."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from rooms.log.verify import faults_of, miscount_of
from rooms.management.demo_talk import PASSWORD, PEOPLE, ROOMS, TALK
from rooms.models import Message, Room

pytestmark = pytest.mark.django_db


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_a_fresh_site_is_filled_with_people_rooms_and_talk() -> None:
    said = demo()
    assert PASSWORD in said
    assert User.objects.count() == len(PEOPLE)
    assert Room.objects.count() == len(ROOMS)
    assert Message.objects.filter(kind="text").count() == sum(map(len, TALK.values()))
    for room in Room.objects.all():
        assert not list(faults_of(room))
        assert miscount_of(room) is None
    assert Client().login(username="alice", password=PASSWORD)


def test_a_second_time_changes_nothing_and_the_talk_goes_on() -> None:
    demo()
    before = Message.objects.count()
    demo()
    assert Message.objects.count() == before
    demo("--talk", "--lines", "5")
    assert Message.objects.count() == before + 5


def test_a_site_in_use_is_left_alone(bob: User) -> None:
    with pytest.raises(CommandError, match="in use already"):
        demo()
    assert User.objects.count() == 1


def test_a_public_site_is_left_alone(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="made-up people"):
        demo()
    assert not User.objects.exists()
