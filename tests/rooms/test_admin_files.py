"""The list of files in the admin: what was sent where, and nothing of what is private."""

import pytest
from django.test import Client

from accounts.models import User
from rooms.models import Room
from tests.rooms.files import posted_file

pytestmark = pytest.mark.django_db


def test_a_site_admin_sees_what_was_sent_where_but_no_private_name(
    client: Client, room: Room, den: Room, bob: User, dana: User
) -> None:
    row = posted_file(room, bob, name="plan.txt")
    hidden = posted_file(den, bob, name="secret.txt")
    client.force_login(dana)
    shown = client.get("/admin/rooms/attachment/").text
    assert "plan.txt" in shown
    assert "secret.txt" not in shown
    assert "plan.txt" in client.get(f"/admin/rooms/attachment/{row.attachment_id}/change/").text
    assert "secret.txt" not in client.get(f"/admin/rooms/attachment/{hidden.attachment_id}/change/").text
    assert client.get("/admin/rooms/attachment/add/").status_code == 403
    assert client.post(f"/admin/rooms/attachment/{row.attachment_id}/delete/").status_code == 403
