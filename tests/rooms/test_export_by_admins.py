"""A room's admins take its transcript away; nobody else does."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from accounts.models import AuditEntry, User
from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.chain import faults_of_export
from rooms.models import Room

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def fetch(client: Client, user: User, room: Room, form: str = "jsonl") -> tuple[int, str]:
    client.force_login(user)
    answer = client.get(f"/api/rooms/{room.pk}/export", {"form": form})
    return answer.status_code, async_to_sync(gather)(answer) if answer.streaming else answer.text


async def gather(answer: Any) -> str:
    return b"".join([piece async for piece in answer.streaming_content]).decode()


def test_an_admin_takes_the_transcript_away_and_it_verifies(
    client: Client, room: Room, alice: User, dana: User
) -> None:
    seq = post_message(room, actor=alice, client_id="1", body="never said").row.seq
    post_message(room, actor=alice, client_id="2", body="مرحبا 👋")
    redact_message(room, actor=dana, seq=seq)
    status, text = fetch(client, alice, room)
    assert status == 200
    assert faults_of_export(text.splitlines()) == []
    assert "never said" not in text
    assert AuditEntry.objects.filter(action="exported", actor=alice, target_id=str(room.pk)).exists()


def test_an_erasure_that_no_row_tells_of_does_not_verify(client: Client, room: Room, alice: User, dana: User) -> None:
    seq = post_message(room, actor=alice, client_id="1", body="never said").row.seq
    redact_message(room, actor=dana, seq=seq)
    lines = fetch(client, alice, room)[1].splitlines()
    # Cut off where the erasure is not told yet, with a head that fits.
    cut = [lines[0].replace(f'"head":{len(lines) - 1}', f'"head":{len(lines) - 2}'), *lines[1:-1]]
    assert f"Row {seq} was erased, and no row says so." in faults_of_export(cut)


def test_an_admin_gets_a_page_to_read(client: Client, room: Room, alice: User) -> None:
    status, text = fetch(client, alice, room, "html")
    assert status == 200
    assert text.startswith("<!doctype html>")


def test_a_member_and_an_outsider_take_nothing(client: Client, room: Room, bob: User, charlie: User) -> None:
    assert fetch(client, bob, room)[0] == 403
    assert fetch(client, charlie, room)[0] == 403


def test_either_of_two_takes_their_direct_room_away(client: Client, alice: User, bob: User, charlie: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    assert [fetch(client, user, direct)[0] for user in (alice, bob, charlie)] == [200, 200, 404]


def test_the_settings_offer_it_to_those_who_may(client: Client, room: Room, alice: User, bob: User) -> None:
    offers = []
    for user in (alice, bob):
        client.force_login(user)
        offers.append(f"/api/v1/rooms/{room.pk}/export?form=jsonl" in client.get(f"/rooms/{room.pk}/settings/").text)
    assert offers == [True, False]
