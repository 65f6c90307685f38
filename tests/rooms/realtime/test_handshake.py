"""Who may open a socket: the session, and the page that speaks for it."""

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings

from accounts.models import User
from rooms.models import Room
from rooms.realtime import handshake
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import Connect

pytestmark = [pytest.mark.security, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", False),
        ("http://evil.example", "127.0.0.1:8000", False),
        ("http://evil.example", "evil.example", False),
        ("ftp://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
        ("", "127.0.0.1:8000", False),
        ("http://[::1", "[::1", False),
    ],
)
def test_a_cookie_counts_only_from_our_own_origin(origin: str, host: str, same: bool) -> None:
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    assert handshake.is_same_origin({"headers": headers}) is same


def test_in_production_only_https_pages_count(settings: LazySettings) -> None:
    settings.PRODUCTION, settings.ALLOWED_HOSTS = True, ["chat.example.org"]
    for scheme, same in (("http", False), ("https", True)):
        headers = [(b"host", b"chat.example.org"), (b"origin", f"{scheme}://chat.example.org".encode())]
        assert handshake.is_same_origin({"headers": headers}) is same


@pytest.mark.parametrize(
    ("origin", "event"), [(b"http://127.0.0.1:8000", "welcome"), (b"http://evil.example", "bye"), (None, "bye")]
)
async def test_the_session_s_cookie_opens_a_socket_for_our_own_page_only(
    room: Room, bob: User, connect: Connect, origin: bytes | None, event: str
) -> None:
    key = await sync_to_async(session_of)(bob)
    headers = [(b"host", b"127.0.0.1:8000"), (b"cookie", f"theme=dark; sessionid={key}".encode())]
    line = await connect(room, bob, headers=headers + ([(b"origin", origin)] if origin else []))
    assert await line.next(event)


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "é" * 40, "a" * 4000])
async def test_a_token_that_is_none_is_refused(room: Room, bob: User, connect: Connect, token: str) -> None:
    line = await connect(room, bob, headers=[(b"x-session-token", token.encode())])
    assert (await line.next("bye"))["code"] == 4401
