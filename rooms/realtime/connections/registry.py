"""Which sockets are connected to this process."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from rooms import errors, limits
from rooms.realtime import protocol
from rooms.realtime.connections.sockets import Socket

# Takes a socket out of all rooms, once it is closed.
Disconnect = Callable[[Socket], None]
# Sends a socket a ``bye``, closes it, and takes it out of all rooms.
Close = Callable[[Socket, protocol.Json], None]


class ConnectionRegistry:
    """On the event loop, but for ``count``. ``on_add`` is called for each socket that is added."""

    def __init__(self, *, on_add: Callable[[], None]) -> None:
        self._on_add = on_add
        self._sockets: dict[UUID, dict[Socket, None]] = {}
        # Sockets that have entered no room.
        self.outside: set[Socket] = set()
        # Changes whenever a socket comes or goes.
        self.version = 0

    def admit(self, user_id: UUID) -> None:
        """Let a user have one more socket, or raise ``TooManySockets`` or ``TooFast``; reads no database."""
        if settings.RATE_LIMITS and len(self._sockets.get(user_id, ())) >= limits.MAX_SOCKETS:
            raise errors.TooManySockets(limits.TOO_MANY_SOCKETS_SECONDS)
        limits.ENTERING.spend(user_id)

    def add(self, socket: Socket) -> None:
        self._sockets.setdefault(socket.user_id, {})[socket] = None
        self.outside.add(socket)
        self.version += 1
        self._on_add()

    def discard(self, socket: Socket) -> None:
        if sockets := self._sockets.get(socket.user_id):
            sockets.pop(socket, None)
            self.outside.discard(socket)
            self.version += 1
            if not sockets:
                del self._sockets[socket.user_id]

    def count(self) -> int:
        """Return how many sockets are connected; from any thread."""
        # A list is made in one step of the interpreter, so no other thread changes it meanwhile.
        return sum(len(sockets) for sockets in list(self._sockets.values()))

    def is_empty(self) -> bool:
        return not self._sockets

    def user_ids(self) -> set[UUID]:
        """Return the users who have a socket in this process."""
        return set(self._sockets)

    def of(self, user_id: UUID) -> list[Socket]:
        return list(self._sockets.get(user_id, ()))

    def all(self) -> list[Socket]:
        return [socket for sockets in self._sockets.values() for socket in sockets]

    def send_to_user(self, user_id: UUID, text: str, *, but_in: UUID | None = None) -> None:
        """Send an encoded event to a user's sockets, except those in the room ``but_in``, for which it is no news."""
        for socket in self.of(user_id):
            if but_in not in socket.subscriptions:
                socket.send_encoded([text])
