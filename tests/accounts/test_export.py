"""Downloading all that the site holds about one."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.test import AsyncClient, Client
from django.urls import reverse

from accounts.export import CHUNK, write
from accounts.models import User
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room

pytestmark = pytest.mark.rules


@pytest.mark.django_db
def test_the_file_holds_what_is_ones_own_and_nothing_else(alice: User, bob: User, client: Client) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    client.force_login(alice)
    client.get("/rooms/")
    lobby = open_room(actor=alice, name="Lobby")
    open_room(actor=bob, name="Den")
    for number in range(CHUNK + 1):
        post_message(lobby, actor=alice, client_id=f"{number}", body=f"“Message” {number}")

    file = json.loads("".join(write(alice)))

    assert file["profile"]["username"] == "alice"
    assert [email["email"] for email in file["emails"]] == ["alice@example.org"]
    assert [session["address"] for session in file["sessions"]] == ["127.0.0.1"]
    assert [(row["room"]["name"], row["role"]) for row in file["memberships"]] == [("Lobby", "admin")]
    assert [row["body"] for row in file["messages"]] == [f"“Message” {number}" for number in range(CHUNK + 1)]
    assert "bob" not in json.dumps(file)


@pytest.mark.django_db(transaction=True)
async def test_it_is_streamed(async_client: AsyncClient, alice: User) -> None:
    await async_client.aforce_login(alice)

    response: Any = await async_client.get(reverse("account_download"), headers={"Accept-Encoding": "gzip"})

    assert response.is_async
    assert response["Content-Encoding"] == "identity"  # a browser would unpack the first piece only
    assert "attachment" in response["Content-Disposition"]
    archive = ZipFile(BytesIO(b"".join([piece async for piece in response.streaming_content])))
    assert archive.testzip() is None
    file = json.loads(archive.read("data.json"))
    assert file["profile"]["username"] == "alice"
    assert file["messages"] == []


@pytest.mark.django_db
def test_strangers_are_asked_to_log_in(client: Client) -> None:
    assert client.get(reverse("account_download"))["Location"].startswith(reverse("account_login"))


@pytest.mark.security
@pytest.mark.django_db
def test_nobody_downloads_it_without_end(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    address = reverse("account_download")
    statuses = [client.get(address).status_code for _ in range(40)]
    assert set(statuses[:10]) == {200}
    assert statuses[-1] == 429
    # Each for themselves.
    client.force_login(bob)
    assert client.get(address).status_code == 200
