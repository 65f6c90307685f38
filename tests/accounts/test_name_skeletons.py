"""The migration by which each username was given what it looks like."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command

from accounts.models import User
from tests.conftest import new_user

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

fill = import_module("accounts.migrations.0009_fill_skeletons").fill


def test_nobody_is_renamed_and_who_came_first_has_the_number_0() -> None:
    names = ["alice", "bob", "carol", "dave", "erin"]
    people = [new_user(name) for name in names]
    # As they were before: names that are refused today.
    for person, name in zip(people, ["alice", "аlice", "a1ice", "dave", "\u1160\u1160"], strict=True):
        User.objects.filter(pk=person.pk).update(
            username=name, username_folded=name, username_skeleton=None, skeleton_number=0
        )
    fill(apps, None)
    rows = User.objects.order_by("date_joined").values_list("username", "username_skeleton", "skeleton_number")
    assert list(rows) == [
        ("alice", "alice", 0),
        ("аlice", "alice", 1),
        ("a1ice", "alice", 2),
        ("dave", "dave", 0),
        ("\u1160\u1160", "", 0),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_columns_come_and_go_with_the_migrations() -> None:
    new_user("alice")
    try:
        call_command("migrate", "accounts", "0007_pictures", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert User.objects.get().username_skeleton == "alice"
