"""What the keys do: a part of the room's page that comes when it is asked for."""

from django.test import Client
from django.urls import reverse

from accounts.models import User


def test_the_keys_are_told_to_who_is_signed_in(client: Client, alice: User) -> None:
    assert client.get(reverse("room_keys")).status_code == 302
    client.force_login(alice)
    text = client.get(reverse("room_keys")).text
    assert '<h2 id="keys-title"' in text
    assert "<kbd>F6</kbd>" in text
    assert "<html" not in text
