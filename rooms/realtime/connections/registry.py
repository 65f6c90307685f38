"""Which sockets are connected to this process: each user's, and the room of each."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from rooms import errors, limits
from rooms.realtime import protocol
from rooms.realtime.connections.sockets import Socket

# Sockets that one user may have in one process: more tabs, on more devices, than anybody looks at. A page beyond them
# polls, so it works all the same; to close the oldest socket instead would have the pages close each other for ever.
MAX_SOCKETS = 20
# Seconds after which a page that polls for that reason may ask for a socket again.
TOO_MANY_SECONDS = 60.0

# A socket and its room; None: it is in the lobby, outside of all rooms.
Connection = tuple[Socket, UUID | None]
# Takes a socket out of its room (None: the lobby), once it is closed.
Leave = Callable[[Socket, UUID | None], None]
# Sends a socket a ``bye``, closes it, and takes it out of its room.
Close = Callable[[Socket, UUID | None, protocol.Json], None]


class ConnectionRegistry:
    """On the event loop, but for ``count``. ``on_add`` is called for each socket that is added."""

    def __init__(self, *, on_add: Callable[[], None]) -> None:
        self._on_add = on_add
        self._sockets: dict[UUID, dict[Socket, UUID | None]] = {}
        self.lobby: set[Socket] = set()
        # Changes whenever a socket comes or goes.
        self.version = 0

    def admit(self, user_id: UUID) -> None:
        """Let a user have one more socket, or raise ``TooManySockets`` or ``TooFast``; reads no database."""
        if settings.RATE_LIMITS and len(self._sockets.get(user_id, ())) >= MAX_SOCKETS:
            raise errors.TooManySockets(TOO_MANY_SECONDS)
        limits.ENTERING.spend(user_id)

    def add(self, socket: Socket, room_id: UUID | None) -> None:
        self._sockets.setdefault(socket.user_id, {})[socket] = room_id
        if room_id is None:
            self.lobby.add(socket)
        self.version += 1
        self._on_add()

    def discard(self, socket: Socket) -> None:
        if sockets := self._sockets.get(socket.user_id):
            sockets.pop(socket, None)
            self.lobby.discard(socket)
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

    def of(self, user_id: UUID) -> list[Connection]:
        return list(self._sockets.get(user_id, {}).items())

    def all(self) -> list[Connection]:
        return [connection for sockets in self._sockets.values() for connection in sockets.items()]

    def send_to_user(self, user_id: UUID, text: str, *, but_in: UUID | None = None) -> None:
        """Send an encoded event to a user's sockets, except those in the room ``but_in``, for which it is no news."""
        for socket, room_id in self.of(user_id):
            if socket.backlog is None and (but_in is None or room_id != but_in):
                socket.send_encoded([text])
