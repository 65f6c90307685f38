"""Tells each page here when the site becomes read-only, and when people may write again (chatsite/readonly.py)."""

from typing import TYPE_CHECKING

from chatsite import readonly
from rooms.realtime import protocol
from rooms.realtime.frames import Frame
from rooms.realtime.threads import in_database

if TYPE_CHECKING:
    from rooms.realtime.hub import Hub


class ReadOnlyNews:
    """A part of the hub, on its event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        # What the sockets here have been told; one that comes in hears it in its welcome.
        self.is_on = False

    async def look(self) -> None:
        is_on = await in_database(readonly.switch.look)
        if is_on == self.is_on:
            return
        self.is_on = is_on
        frame = Frame([protocol.encode({"type": "read_only", "on": is_on})])
        for room_id in list(self._hub.feeds):
            self._hub.send_frame(room_id, frame)
        for socket in list(self._hub.people.in_lobby):
            socket.send_frame(frame)
