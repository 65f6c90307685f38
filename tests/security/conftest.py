"""The rooms and sockets of the other tests."""

from tests.rooms.conftest import den, quiet_realtime, room
from tests.rooms.realtime.conftest import connect

__all__ = ["connect", "den", "quiet_realtime", "room"]
