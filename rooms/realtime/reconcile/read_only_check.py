"""Tells each page here when the site becomes read-only, and when users may write again (chatsite/readonly.py)."""

from chatsite import readonly
from rooms.realtime import protocol
from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.threads import in_database


class ReadOnlyCheck:
    """On the event loop."""

    def __init__(self, rooms: LiveRooms, registry: ConnectionRegistry) -> None:
        self._rooms = rooms
        self._registry = registry
        # What the sockets here have been told; a new one is told in its welcome.
        self.is_on = False

    async def check(self) -> None:
        is_on = await in_database(readonly.switch.look)
        if is_on == self.is_on:
            return
        self.is_on = is_on
        frame = Frame([protocol.encode({"type": "read_only", "on": is_on})])
        for room in list(self._rooms.by_id.values()):
            room.send_frame(frame)
        for socket in list(self._registry.lobby):
            socket.send_frame(frame)
