"""Shows where users go: attending one room ends their presence in the others.

Also shows who was expelled in another process. What a process learns here it broadcasts; what is lost on the way comes
with the next merge of the presence records.
"""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

from django.conf import settings

from rooms.events import Json
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.connections.sockets import Socket, Subscription
from rooms.realtime.presence.last_visits import LastVisits
from rooms.realtime.presence.tracker import Move, Presence


class RoomMoves:
    """On the event loop. ``announce`` has a room told of its changes; ``broadcast`` reaches the other processes."""

    def __init__(
        self,
        presence: Presence,
        registry: ConnectionRegistry,
        *,
        announce: Callable[[UUID], None],
        broadcast: Callable[[Json], None],
        visits: LastVisits,
    ) -> None:
        self._presence = presence
        self._registry = registry
        self._announce = announce
        self._broadcast = broadcast
        self._visits = visits

    # --- Moves ------------------------------------------------------------------------------------------------------

    def attend(self, subscription: Subscription) -> None:
        """Make the user of a socket present in a room that it has entered, and in no other one."""
        socket, room_id = subscription.socket, subscription.room_id
        if socket.attending != room_id:
            self.exit(socket)
            socket.attending = room_id
            self._visits.note(socket.user_id, subscription.membership_id)
        left = self._presence.enter(room_id, socket.user, socket.lease, away=socket.away)
        self.moved(socket.user_id, room_id, left)

    def exit(self, socket: Socket) -> None:
        """End the presence that a socket gives its user, if any."""
        if socket.attending is not None:
            self._presence.exit(socket.attending, socket.lease, socket.user_id)
            socket.attending = None

    def greeting(self, subscription: Subscription) -> Json:
        """Return who is in a room, for the welcome of a socket that has entered it."""
        return self._presence.greeting(subscription.room_id, subscription.user_id)

    def moved(self, user_id: UUID, room_id: UUID, left: Iterable[UUID], tab: str | None = None) -> None:
        """Show that a user attends a room: to it, to the rooms that they left, and to their pages there.

        ``tab`` is the name of the polling tab by which they entered; None: by a socket.
        """
        self._announce(room_id)
        self._tell_others(user_id, room_id, left)
        if settings.ONE_ROOM_AT_A_TIME:
            at = self._presence.entered_at(room_id, user_id)
            self._broadcast({"kind": "moved", "user": user_id.hex, "room": {"id": str(room_id)}, "at": at, "tab": tab})

    def receive_move(self, notice: Json) -> None:
        """A user attends a room in another process."""
        user_id, room_id = UUID(notice["user"]), UUID(notice["room"]["id"])
        left = self._presence.move(user_id, room_id, notice["at"], tab=notice["tab"])
        self._tell_others(user_id, room_id, left)

    def show_merged(self, move: Move) -> None:
        """Show a move that came with another process's records, because its notice was lost."""
        self._tell_others(move.user_id, move.room_id, move.left)

    def _tell_others(self, user_id: UUID, room_id: UUID, left: Iterable[UUID]) -> None:
        for other in left:
            self._announce(other)
        if not settings.ONE_ROOM_AT_A_TIME:
            return
        for socket in self._registry.of(user_id):
            # Judged by its lease: a socket that has attended another room since holds a new one.
            if socket.attending and not self._presence.holds(socket.attending, socket.lease, user_id):
                socket.attending = None
                socket.send({"type": "moved", "room": str(room_id)})

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
        if all(room_id not in socket.subscriptions for socket in self._registry.of(user_id)):
            self._presence.expel(room_id, user_id, before=notice["at"])
            self._announce(room_id)
