"""The rooms of the other tests."""

from tests.rooms.conftest import quiet_realtime, room

__all__ = ["quiet_realtime", "room"]
