"""The audit log, as a site admin reads it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.audit import record
from accounts.models import AuditEntry, User
from rooms.actions.memberships import remove_member
from rooms.admin.audit import LABELS
from rooms.models import Room
from tests.rooms.admin import address_of, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def removal(room: Room, alice: User, bob: User) -> AuditEntry:
    remove_member(room, actor=alice, user=bob)
    entry: AuditEntry = AuditEntry.objects.get(action="removed")
    return entry


@pytest.mark.rules
def test_it_is_searched_by_person_by_name_and_by_id(staff: Client, room: Room, dana: User, removal: AuditEntry) -> None:
    other = record("settings_changed", actor=dana)
    for words in ("ALICE", "bob", "lob", str(room.pk)):
        found = listed(staff, AuditEntry, f"q={words}")
        assert removal in found
        assert other not in found


@pytest.mark.rules
def test_it_is_filtered_by_action_and_date(staff: Client, removal: AuditEntry) -> None:
    assert listed(staff, AuditEntry, "action=removed") == [removal]
    assert listed(staff, AuditEntry, "action=renamed") == []
    assert removal in listed(staff, AuditEntry, "at__gte=2020-01-01+00:00:00%2B00:00")
    assert listed(staff, AuditEntry, "at__lt=2020-01-01+00:00:00%2B00:00") == []


def test_it_says_who_did_what_to_whom(staff: Client, removal: AuditEntry) -> None:
    for text in (
        staff.get(address_of(AuditEntry)).text,
        staff.get(f"{address_of(AuditEntry)}{removal.pk}/change/").text,
    ):
        for words in ("alice", "removed", "bob", "Lobby"):
            assert words in text


def test_every_action_that_is_recorded_can_be_filtered_for() -> None:
    recorded: set[str] = set()
    for app in ("accounts", "rooms", "chatsite"):
        for source in Path(settings.BASE_DIR, app).rglob("*.py"):
            recorded.update(re.findall(r'\brecord\(\s*"(\w+)"', source.read_text()))
    assert recorded
    assert recorded <= set(LABELS)
