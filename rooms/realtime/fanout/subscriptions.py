"""Brings sockets into rooms and out of them, and ends them."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _

from rooms import errors, limits
from rooms.realtime import protocol
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.connections.sockets import Socket, Subscription
from rooms.realtime.fanout import log_reader
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.fanout.welcome import room_welcome
from rooms.realtime.metrics import counts
from rooms.realtime.presence.room_moves import RoomMoves
from rooms.realtime.threads import in_database


class Subscriptions:
    """On the event loop. ``clock`` is the loop's."""

    def __init__(
        self,
        rooms: LiveRooms,
        registry: ConnectionRegistry,
        *,
        moves: RoomMoves,
        clock: Callable[[], float],
    ) -> None:
        self._rooms = rooms
        self._registry = registry
        self._moves = moves
        self._clock = clock

    async def enter(
        self, socket: Socket, room_id: UUID, *, after: int | None, known_hash: str | None, attends: bool = False
    ) -> None:
        """Bring ``socket`` into the room: registered first, then sent what it lacks, then live, so it misses nothing.

        A room that it has entered already it enters anew. Waits for the database; raises a ``RoomError`` if the user is
        not admitted, a ``ProtocolError`` if the socket is in too many rooms, and what the database raises.
        """
        if before := socket.subscriptions.pop(room_id, None):
            before.is_over = True
            self._rooms.discard(before)
        if len(socket.subscriptions) >= limits.MAX_ROOMS_SHOWN:
            detail = _("One connection shows %(most)d rooms at most.") % {"most": limits.MAX_ROOMS_SHOWN}
            raise protocol.ProtocolError("too_many_rooms", detail)
        subscription = socket.subscriptions[room_id] = Subscription(socket, room_id)
        self._registry.outside.discard(socket)
        room = self._rooms.add(subscription)
        try:
            # What is committed from here on is delivered to the backlog; what was committed before, is read.
            await asyncio.shield(room.opened)
            entry = await in_database(log_reader.read_entry, room_id, socket.user, after, known_hash)
        except BaseException:
            self._forget(subscription)
            raise
        if socket.closed or subscription.is_over:
            return
        if ending := subscription.ending_after(entry.head):
            # The membership ended while the socket entered: it is sent the row that says so, and nothing that follows.
            subscription.backlog = [event for event in subscription.backlog or [] if event.seq <= ending.seq]
            self._greet(subscription, entry)
            if error := ending.ending():
                self.end(subscription, error)
            return
        subscription.membership_id = entry.membership_id
        if attends:
            self._moves.attend(subscription)
        self._greet(subscription, entry)

    def attend(self, socket: Socket, room_id: UUID | None) -> None:
        """Make the socket's user present in a room that it has entered (None: in none, by this socket).

        Raises a ``ProtocolError`` if it has not entered it.
        """
        if room_id is not None:
            self._moves.attend(entered(socket, room_id))
        else:
            self._moves.exit(socket)

    def ack(self, socket: Socket, room_id: UUID, seq: int) -> None:
        """Note what a client says that it has received of a room that it has entered."""
        subscription = entered(socket, room_id)
        if room := self._rooms.get(room_id):
            room.ack(subscription, seq)

    def leave(self, socket: Socket, room_id: UUID) -> None:
        """Take a socket out of a room, which it may have left already."""
        if subscription := socket.subscriptions.get(room_id):
            self._forget(subscription)

    def end(self, subscription: Subscription, refusal: errors.RoomError) -> None:
        """Take a socket out of a room and tell it why."""
        self._forget(subscription)
        subscription.socket.send(protocol.ended_for(subscription.room_id, refusal))

    def close(self, socket: Socket, bye: protocol.Json) -> None:
        """Send a socket why it is closed, close it, and take it out of all rooms."""
        socket.bye(bye)
        self.disconnect(socket)

    def disconnect(self, socket: Socket) -> None:
        """Take a socket out of all rooms and out of the registry."""
        for subscription in list(socket.subscriptions.values()):
            self._forget(subscription)
        self._registry.discard(socket)

    def _greet(self, subscription: Subscription, entry: log_reader.Entry) -> None:
        if not entry.resumed:
            counts.resets += 1
        subscription.entered_at = entry.head
        # What the room was told last. What it is told next goes to this socket, too, which is live from here on.
        present = self._moves.greeting(subscription)
        subscription.socket.send_encoded(room_welcome(entry, present))
        if room := self._rooms.get(subscription.room_id):
            room.go_live(subscription, self._clock())

    def _forget(self, subscription: Subscription) -> None:
        socket = subscription.socket
        subscription.is_over = True
        self._rooms.discard(subscription)
        if socket.subscriptions.get(subscription.room_id) is subscription:
            del socket.subscriptions[subscription.room_id]
            if socket.attending == subscription.room_id:
                self._moves.exit(socket)
            if not socket.subscriptions and not socket.closed:
                self._registry.outside.add(socket)


def entered(socket: Socket, room_id: UUID) -> Subscription:
    """Return the socket's subscription of a room, or raise ``ProtocolError``."""
    subscription = socket.subscriptions.get(room_id)
    if subscription is None:
        raise protocol.ProtocolError("not_entered", _("This connection has not entered that room."))
    return subscription
