"""Tells each page here when the site becomes read-only, and when users may write again (chatsite/readonly.py)."""

from chatsite import readonly
from rooms.realtime import protocol
from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.pollers import Pollers
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.threads import in_database


class ReadOnlyCheck:
    """On the event loop."""

    def __init__(self, registry: ConnectionRegistry, pollers: Pollers) -> None:
        self._registry = registry
        self._pollers = pollers
        # What the sockets here have been told; a new one is told in its welcome.
        self.is_on = False

    async def check(self) -> None:
        """Tell all sockets if the site has become read-only or no longer is; raises what the database raises."""
        is_on = await in_database(readonly.switch.refresh)
        if is_on == self.is_on:
            return
        self.is_on = is_on
        # What they were given says that it was otherwise.
        self._pollers.forget_all()
        frame = Frame([protocol.encode({"type": "read_only", "on": is_on})])
        for socket in self._registry.all():
            socket.send_frame(frame)
