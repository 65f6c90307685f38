"""Shows where users go: entering one room ends their presence in the others, and closes their sockets there.

Also shows who was expelled in another process. What a process learns here it broadcasts; what is lost on the way comes
with the next merge of the presence records.
"""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from rooms import errors
from rooms.events import Json
from rooms.models import Room
from rooms.realtime import protocol
from rooms.realtime.connections.registry import Close, ConnectionRegistry
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.presence.tracker import Move, Presence
from rooms.realtime.threads import in_database


def read_name(room_id: UUID) -> str:
    return Room.objects.filter(pk=room_id).values_list("name", flat=True).first() or ""


class RoomMoves:
    """On the event loop. ``announce`` has a room told of its changes; ``broadcast`` reaches the other processes."""

    def __init__(
        self,
        presence: Presence,
        registry: ConnectionRegistry,
        *,
        announce: Callable[[UUID], None],
        broadcast: Callable[[Json], None],
        close: Close,
    ) -> None:
        self._presence = presence
        self._registry = registry
        self._announce = announce
        self._broadcast = broadcast
        self._close = close

    # --- Moves ------------------------------------------------------------------------------------------------------

    def enter(self, socket: Socket, room: Json) -> None:
        """Make the user of an admitted socket present in ``room``, and in no other one."""
        left = self._presence.enter(UUID(room["id"]), socket.user, socket.lease)
        self.moved(socket.user_id, room, left)

    def moved(self, user_id: UUID, room: Json, left: Iterable[UUID], tab: str | None = None) -> None:
        """Show that a user has entered ``room``: to it, to the rooms that they left, and to their pages there.

        ``tab`` is the name of the polling tab by which they entered; None: by a socket.
        """
        room_id = UUID(room["id"])
        room = {"id": room["id"], "name": room["name"]}
        self._announce(room_id)
        self._close_left(user_id, room, left)
        if settings.ONE_ROOM_AT_A_TIME:
            at = self._presence.entered_at(room_id, user_id)
            self._broadcast({"kind": "moved", "user": user_id.hex, "room": room, "at": at, "tab": tab})

    def receive_move(self, notice: Json) -> None:
        """A user has entered a room in another process."""
        user_id, room = UUID(notice["user"]), notice["room"]
        # A process of an earlier release names no tab.
        left = self._presence.move(user_id, UUID(room["id"]), notice["at"], tab=notice.get("tab"))
        self._close_left(user_id, room, left)

    async def show_merged(self, move: Move) -> None:
        """Show a move that came with another process's records, because its notice was lost."""
        try:
            name = await in_database(read_name, move.room_id)
        except (DatabaseError, InterfaceError):
            # The page asks for the room itself when the user wants to go there.
            name = ""
        self._close_left(move.user_id, {"id": str(move.room_id), "name": name}, move.left)

    def _close_left(self, user_id: UUID, room: Json, left: Iterable[UUID]) -> None:
        for room_id in left:
            self._announce(room_id)
        if not settings.ONE_ROOM_AT_A_TIME:
            return
        for socket, socket_room in self._registry.of(user_id):
            if socket_room is None or socket.backlog is not None:
                continue
            # Judged by its lease: a socket that is still entering holds none yet, and one that entered since a new one.
            if not self._presence.holds(socket_room, socket.lease, user_id):
                self._close(socket, socket_room, {**protocol.bye_for(errors.Elsewhere(room)), "room": room})

    # --- Expulsions -------------------------------------------------------------------------------------------------

    def expel(self, room_id: UUID, user_id: UUID) -> None:
        """Remove a user from presence whose membership a row of the log has ended."""
        self._presence.expel(room_id, user_id)
        self._announce(room_id)

    def broadcast_expulsion(self, room_id: UUID, user_id: UUID) -> None:
        # To all processes, because presence is shown also where the room is not open.
        self._broadcast({"kind": "expelled", "room": room_id.hex, "user": user_id.hex, "at": time.time()})

    def receive_expulsion(self, notice: Json) -> None:
        """A membership was ended in another process. Sockets that are connected here are sent the row in its turn."""
        room_id, user_id = UUID(notice["room"]), UUID(notice["user"])
        if all(socket_room != room_id for _socket, socket_room in self._registry.of(user_id)):
            self._presence.expel(room_id, user_id, before=notice["at"])
            self._announce(room_id)
