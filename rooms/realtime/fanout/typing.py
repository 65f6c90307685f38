"""Shows who is typing: an event that is no row, for this process's sockets and for the other processes."""

from collections.abc import Callable
from uuid import UUID

from rooms.events import Json, person_json
from rooms.realtime import protocol
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout.live_rooms import LiveRooms

# Seconds until a user's typing is shown again.
TYPING_EVERY = 3.0
# Users whose typing one room is shown in those seconds: nobody reads more names.
TYPING_MAX = 8


class TypingIndicator:
    """On the event loop. ``broadcast`` reaches the processes in which the room is open; ``clock`` is the loop's."""

    def __init__(
        self, rooms: LiveRooms, *, broadcast: Callable[[UUID, Json], None], clock: Callable[[], float]
    ) -> None:
        self._rooms = rooms
        self._broadcast = broadcast
        self._clock = clock
        # Room → the users whose typing was shown lately, and when.
        self._shown: dict[UUID, dict[UUID, float]] = {}

    def show(self, socket: Socket, room_id: UUID) -> None:
        """Show the others that the socket's user types, unless the room has just been shown that, or enough others."""
        now = self._clock()
        shown = {user_id: at for user_id, at in self._shown.get(room_id, {}).items() if now - at < TYPING_EVERY}
        self._shown[room_id] = shown
        if socket.user_id in shown or len(shown) >= TYPING_MAX:
            return
        shown[socket.user_id] = now
        text = protocol.encode({"type": "typing", "room": str(room_id), "user": person_json(socket.user)})
        self._rooms.send(room_id, text, but=socket.user_id)
        self._broadcast(room_id, {"kind": "typing", "user": socket.user_id.hex, "text": text})

    def receive(self, notice: Json) -> None:
        """Show what another process has broadcast."""
        self._rooms.send(UUID(notice["room"]), notice["text"], but=UUID(notice["user"]))

    def close_room(self, room_id: UUID) -> None:
        self._shown.pop(room_id, None)
