"""Sends each socket the heads of its rooms now and then: a client that hears nothing knows that its line is dead."""

from uuid import UUID

from rooms.realtime import protocol
from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.fanout.live_rooms import LiveRooms

# Seconds between two `head` events. As often as chatsite's server pings who is quiet (PING_INTERVAL), since both then
# travel as one. In each second some of the rooms have their turn: all at once would hold up those who talk.
HEAD_EVENT_EVERY = 12


def head_event(room_id: UUID, seq: int) -> str:
    return protocol.encode({"type": "head", "room": str(room_id), "seq": seq})


class Heartbeat:
    """On the event loop."""

    def __init__(self, rooms: LiveRooms, registry: ConnectionRegistry) -> None:
        self._rooms = rooms
        self._registry = registry
        self._turn = 0

    async def beat(self) -> None:
        """Serve the rooms, and the sockets in none, whose turn it is; called once a second."""
        self._turn = (self._turn + 1) % HEAD_EVENT_EVERY
        for room_id, room in list(self._rooms.by_id.items()):
            if room_id.int % HEAD_EVENT_EVERY == self._turn:
                event = head_event(room_id, room.head or 0)
                room.beat(Frame([event]), Frame([event], pings=True))
        frame = Frame([protocol.encode({"type": "head", "seq": 0})], pings=True)
        for socket in list(self._registry.outside):
            if socket.user_id.int % HEAD_EVENT_EVERY == self._turn:
                socket.send_frame(frame)
