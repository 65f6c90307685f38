"""The people at this process's sockets: where each of them is, who comes, goes, types, and may be here no longer."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from rooms import errors, limits
from rooms.events import Json, person_json
from rooms.realtime import protocol
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout import log_reader
from rooms.realtime.presence.tracker import Move
from rooms.realtime.threads import in_database

if TYPE_CHECKING:
    from rooms.realtime.hub import Hub

logger = logging.getLogger(__name__)

# Seconds in which comings and goings are gathered into one announcement: in a small room at once, as far as one can
# see; the more people there are to be told, the longer, so that 500 who arrive together are told of in a few frames.
PRESENCE_BATCH = 0.2
PRESENCE_BATCH_PER_PERSON = 0.004
PRESENCE_BATCH_MAX = 2.0
# Seconds until somebody's typing is told again.
TYPING_EVERY = 3.0
# People whose typing one room is told of in those seconds: nobody reads more names.
TYPING_MAX = 8
# Sockets that one person may have in one process: more pages, on more devices, than anybody looks at. A page beyond
# them polls, so it works all the same; to close the oldest instead would have the pages throw each other out for ever.
MAX_SOCKETS = 20
# Seconds after which a page that polls for that reason may ask for a socket again.
TOO_MANY_SECONDS = 60.0
# Milliseconds after which to come back after a change of password: by then the browser has its new cookie.
CHECK_IN_MS = 2_000


class People:
    """A part of the hub, on its event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._presence = hub.presence
        # The room of each socket; None: in the lobby, which is the site outside of rooms.
        self._sockets: dict[UUID, dict[Socket, UUID | None]] = {}
        self.in_lobby: set[Socket] = set()
        self._announcing: set[UUID] = set()
        # Of who is connected, by which sockets.
        self.version = 0

    def admit(self, user_id: UUID) -> None:
        """Let somebody have one more socket, or raise why not: asked before anything is read for it."""
        if settings.RATE_LIMITS and len(self._sockets.get(user_id, ())) >= MAX_SOCKETS:
            raise errors.TooManySockets(TOO_MANY_SECONDS)
        limits.ENTERING.spend(user_id)

    def add(self, socket: Socket, room_id: UUID | None) -> None:
        self._sockets.setdefault(socket.user_id, {})[socket] = room_id
        if room_id is None:
            self.in_lobby.add(socket)
        self.version += 1
        # Who was recognised a moment ago may have been signed out since, before the latest look.
        self._hub.look.again()

    def discard(self, socket: Socket) -> None:
        if sockets := self._sockets.get(socket.user_id):
            sockets.pop(socket, None)
            self.in_lobby.discard(socket)
            self.version += 1
            if not sockets:
                del self._sockets[socket.user_id]

    def count(self) -> int:
        """Return how many sockets are connected. For other threads, too: a list is made in one step."""
        return sum(len(sockets) for sockets in list(self._sockets.values()))

    def anybody(self) -> bool:
        return bool(self._sockets)

    def connected(self) -> set[UUID]:
        """Who has a socket in this process."""
        return set(self._sockets)

    def of(self, user_id: UUID) -> list[tuple[Socket, UUID | None]]:
        return list(self._sockets.get(user_id, {}).items())

    def all(self) -> list[tuple[Socket, UUID | None]]:
        return [place for sockets in self._sockets.values() for place in sockets.items()]

    # --- One room at a time -----------------------------------------------------------------------------------------

    def enter(self, socket: Socket, room: Json) -> None:
        """Let the owner of an admitted socket be present in ``room``, and nowhere else."""
        room_id = UUID(room["id"])
        left = self._presence.enter(room_id, socket.user, socket.lease)
        self.moved(socket.user_id, room, left)

    def moved(self, user_id: UUID, room: Json, left: Iterable[UUID]) -> None:
        """Show the move of somebody who has entered ``room``: to it, to the rooms they left, and to the pages there."""
        room = {"id": room["id"], "name": room["name"]}
        self.announce(UUID(room["id"]))
        self._close_elsewhere(user_id, room, left)
        if settings.ONE_ROOM_AT_A_TIME:
            at = self._presence.entered_at(UUID(room["id"]), user_id)
            self._hub.relay.tell_all({"kind": "moved", "user": user_id.hex, "room": room, "at": at})

    def moved_elsewhere(self, user_id: UUID, room: Json, at: float) -> None:
        """Somebody has entered ``room`` in another process."""
        self._close_elsewhere(user_id, room, self._presence.move(user_id, UUID(room["id"]), at))

    async def moved_unheard(self, move: Move) -> None:
        """Somebody has entered a room in another process, whose word did not come."""
        try:
            name = await in_database(log_reader.name_of, move.room_id)
        except (DatabaseError, InterfaceError):
            # The page asks for the room itself when the person wants to go there.
            name = ""
        self._close_elsewhere(move.user_id, {"id": str(move.room_id), "name": name}, move.left)

    def expelled_elsewhere(self, user_id: UUID, room_id: UUID, at: float) -> None:
        """Somebody's membership has ended in another process. Whoever is connected here is sent the row in its turn."""
        if all(place != room_id for _socket, place in self.of(user_id)):
            self._presence.expel(room_id, user_id, before=at)
            self.announce(room_id)

    def _close_elsewhere(self, user_id: UUID, room: Json, left: Iterable[UUID]) -> None:
        for room_id in left:
            self.announce(room_id)
        if not settings.ONE_ROOM_AT_A_TIME:
            return
        for socket, place in self.of(user_id):
            if place is None or socket.backlog is not None:
                continue
            # By its lease: one that still reads has not entered yet, and one that entered meanwhile holds a new one.
            if not self._presence.holds(place, socket.lease, user_id):
                socket.bye({**protocol.bye_for(errors.Elsewhere(room)), "room": room})
                self._hub.leave(socket, place)

    # --- Comings and goings -----------------------------------------------------------------------------------------

    def announce(self, room_id: UUID) -> None:
        """Tell the room who has come and gone, together with whoever else comes within a moment."""
        if room_id not in self._announcing:
            self._announcing.add(room_id)
            wait = PRESENCE_BATCH + PRESENCE_BATCH_PER_PERSON * self._presence.count(room_id)
            self._hub.loop.call_later(min(wait, PRESENCE_BATCH_MAX), self._flush, room_id)

    def announce_all(self) -> None:
        for room_id in self._presence.stale_rooms():
            self.announce(room_id)

    def _flush(self, room_id: UUID) -> None:
        self._announcing.discard(room_id)
        if change := self._presence.flush(room_id):
            event: Json = {
                "type": "presence",
                # Beyond as many as a page shows, the count must do. Who goes is always named: pages hold them.
                "entered": change.entered[: protocol.MAX_PRESENT],
                "exited": change.exited,
                "away": change.away,
                "back": change.back,
                "count": change.count,
            }
            self._hub.send(room_id, protocol.encode(event))

    def set_away(self, socket: Socket, room_id: UUID, *, away: bool) -> None:
        if self._presence.set_away(room_id, socket.lease, socket.user_id, away=away):
            self.announce(room_id)

    # --- Typing -----------------------------------------------------------------------------------------------------

    def typing(self, socket: Socket, room_id: UUID) -> None:
        """Tell the others that the socket's owner types, unless they, or the room, have just been told enough."""
        feed = self._hub.feeds.get(room_id)
        if feed is None or socket.backlog is not None:
            return
        now = self._hub.loop.time()
        feed.typing = {user_id: at for user_id, at in feed.typing.items() if now - at < TYPING_EVERY}
        if socket.user_id in feed.typing or len(feed.typing) >= TYPING_MAX:
            return
        feed.typing[socket.user_id] = now
        text = protocol.encode({"type": "typing", "user": person_json(socket.user)})
        self._hub.send(room_id, text, but=socket.user_id)
        self._hub.relay.tell(room_id, {"kind": "typing", "user": socket.user_id.hex, "text": text})

    # --- Names ------------------------------------------------------------------------------------------------------

    async def rename(self, user_id: UUID) -> None:
        """Show somebody's new name wherever they are or were a member and somebody is connected here."""
        named = await in_database(log_reader.named, user_id, list(self._hub.feeds))
        if named is None:
            return
        person = person_json(named.user)
        self._presence.rename(user_id, person)
        for socket, _room_id in self.of(user_id):
            socket.user.username, socket.user.display_name = named.user.username, named.user.display_name
        text = protocol.encode({"type": "person", **person})
        for room_id in named.room_ids:
            self._hub.send(room_id, text)

    # --- Who may be here no longer ----------------------------------------------------------------------------------

    def sign_out(self, socket: Socket, room_id: UUID | None) -> None:
        detail = _("You have been signed out. Log in again to go on.")
        socket.bye(protocol.bye(protocol.Close.SIGNED_OUT, "signed_out", detail))
        self._hub.leave(socket, room_id)

    def sign_out_session(self, session_digest: str) -> None:
        for socket, room_id in self.all():
            if protocol.digest_of(socket.session_key) == session_digest:
                self.sign_out(socket, room_id)

    def sign_out_user(self, user_id: UUID) -> None:
        for socket, room_id in self.of(user_id):
            self.sign_out(socket, room_id)

    def check_in(self, user_id: UUID) -> None:
        """Have somebody's sockets come back: which of their sessions still hold, the handshake finds out."""
        for socket, room_id in self.of(user_id):
            self.check_in_socket(socket, room_id)

    def check_in_socket(self, socket: Socket, room_id: UUID | None) -> None:
        socket.bye(protocol.bye(protocol.Close.RESTARTING, "check_in", "", retry_ms=CHECK_IN_MS))
        self._hub.leave(socket, room_id)
