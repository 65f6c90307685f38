"""Tells users of their rooms that they are not in: new messages, what they have read elsewhere, changes of their list.

Once a second, if anything was committed since, one query asks in which rooms there was talk lately, in whatever
process; a second one, only if a user here has such a room in their list, asks who is still a member. So it works
without Redis, and a room costs as much as users are connected.
"""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from rooms.events import Json
from rooms.realtime import protocol
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.threads import in_database
from rooms.realtime.unread import room_lists, unread_queries
from rooms.realtime.unread.room_lists import RoomLists

# Seconds between two `unread` events about the same room.
UNREAD_EVERY = 1.0
# Read marks that are broadcast in one notice: more of them wait for the next second.
MOST_READ_SENT = 1_000


class UnreadNotifier:
    """On the event loop. ``broadcast`` reaches the other processes; ``read_token`` reads the change token."""

    def __init__(
        self,
        registry: ConnectionRegistry,
        *,
        broadcast: Callable[[Json], None],
        read_token: Callable[[], Awaitable[str | None]],
    ) -> None:
        self._registry = registry
        self._broadcast = broadcast
        self._read_token = read_token
        # Users whose lists have changed and have to be read again.
        self._changed: set[UUID] = set()
        # The talk_count of each room that users were told of last.
        self._told: dict[UUID, int] = {}
        self._lists = RoomLists(on_unlisted=lambda room_id: self._told.pop(room_id, None))
        # (user, room) → read_talk, for the other processes.
        self._read: dict[tuple[UUID, UUID], int] = {}
        # The read_talk of each room that each connected user was told of last.
        self._told_read: dict[UUID, dict[UUID, int]] = {}
        self._turn = 0
        # The change token before talk was looked for last, and before each turn's lists were read last.
        self._token: str | None = None
        self._list_tokens: dict[int, str | None] = {}
        # The version of the registry whose users' lists are known.
        self._version = -1

    # --- From this process and from others --------------------------------------------------------------------------

    def read(self, user_id: UUID, room_id: UUID, talk: int) -> None:
        """A user has read up to ``talk`` at one of their devices: show it at the others."""
        self._show_read(user_id, room_id, talk)
        self._read[user_id, room_id] = max(talk, self._read.get((user_id, room_id), 0))

    def lists_changed(self, user_ids: Iterable[UUID], room_id: UUID | None = None) -> None:
        """The lists of these users have changed, and of all who have ``room_id`` in theirs."""
        users = list(user_ids)
        self._mark_changed(users, room_id)
        self._broadcast(
            {"kind": "lists", "users": [user.hex for user in users], "room": room_id.hex if room_id else None}
        )

    def blocks_changed(self, user_id: UUID) -> None:
        self._tell(user_id, {"type": "blocks"})
        self._broadcast({"kind": "blocks", "user": user_id.hex})

    def receive(self, notice: Json) -> None:
        match notice["kind"]:
            case "read":
                for user, room, talk in notice["read"]:
                    self._show_read(UUID(user), UUID(room), talk)
            case "lists":
                self._mark_changed(
                    [UUID(user) for user in notice["users"]], UUID(notice["room"]) if notice["room"] else None
                )
            case "blocks":
                self._tell(UUID(notice["user"]), {"type": "blocks"})

    def _show_read(self, user_id: UUID, room_id: UUID, talk: int) -> None:
        """Tell a user's sockets, unless they were told of more: two threads or processes are heard in any order."""
        if not self._registry.of(user_id):
            return
        told = self._told_read.setdefault(user_id, {})
        if talk <= told.get(room_id, 0):
            return
        told[room_id] = talk
        self._tell(user_id, {"type": "read", "room": str(room_id), "read_talk": talk}, but_in=room_id)

    def _mark_changed(self, user_ids: Iterable[UUID], room_id: UUID | None) -> None:
        # Also users whose list has not been read yet: their page has an older one.
        connected = self._registry.user_ids()
        self._changed |= connected.intersection(user_ids)
        if room_id is not None:
            self._changed |= self._lists.users_of.get(room_id, set()) | (connected - self._lists.known_users())

    def _tell(self, user_id: UUID, event: Json, *, but_in: UUID | None = None) -> None:
        self._registry.send_to_user(user_id, protocol.encode(event), but_in=but_in)

    # --- Each second ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell all connected users what is new in their rooms; raises what the database raises."""
        self._broadcast_read()
        token = await self._read_token()
        await self._refresh_lists(token)
        if self._lists.users_of and (token is None or token != self._token):
            self._token = None
            await self._tell_of_talk()
            self._token = token

    async def _refresh_lists(self, token: str | None) -> None:
        self._turn = (self._turn + 1) % room_lists.LISTS_EVERY
        is_their_turn = token is None or token != self._list_tokens.get(self._turn)
        version, stale = self._registry.version, set[UUID]()
        # Only if a socket came or went: with thousands it costs more than the rest.
        if version != self._version:
            connected = self._registry.user_ids()
            self._lists.forget_all_but(connected)
            for user_id in self._told_read.keys() - connected:
                del self._told_read[user_id]
            self._changed &= connected
            stale |= connected - self._lists.known_users()
        if is_their_turn:
            stale |= self._lists.users_at(self._turn)
        stale |= self._changed
        if stale:
            # Also for new users: there may have been talk in their rooms before it was looked for last.
            self._token = None
            await self._read_lists(stale)
        self._version, self._list_tokens[self._turn] = version, token

    def _broadcast_read(self) -> None:
        some, self._read = list(self._read.items())[:MOST_READ_SENT], dict(list(self._read.items())[MOST_READ_SENT:])
        if some:
            read = [[user.hex, room.hex, talk] for (user, room), talk in some]
            self._broadcast({"kind": "read", "read": read})

    async def _read_lists(self, user_ids: set[UUID]) -> None:
        changed, self._changed = self._changed & user_ids, self._changed - user_ids
        try:
            lists = await in_database(unread_queries.rooms_of, user_ids)
        except BaseException:
            self._changed |= changed
            raise
        for user_id in user_ids:
            is_news = self._lists.put(user_id, lists[user_id]) or user_id in changed
            if is_news:
                self._tell(user_id, {"type": "rooms"})

    async def _tell_of_talk(self) -> None:
        talked = await in_database(unread_queries.talked_lately)
        users_of = self._lists.users_of
        fresh = {room: talk for room, talk in talked.items() if room in users_of and self._told.get(room) != talk}
        elsewhere = {room: [user for user in users_of[room] if self._is_elsewhere(user, room)] for room in fresh}
        asked = {room: users for room, users in elsewhere.items() if users}
        allowed = await in_database(unread_queries.who_may_hear, asked)
        for room_id, talk in fresh.items():
            self._told[room_id] = talk
            text = protocol.encode({"type": "unread", "room": str(room_id), "talk_count": talk})
            for user_id in elsewhere[room_id]:
                if (room_id, user_id) in allowed:
                    self._registry.send_to_user(user_id, text, but_in=room_id)

    def _is_elsewhere(self, user_id: UUID, room_id: UUID) -> bool:
        return any(socket_room != room_id for _socket, socket_room in self._registry.of(user_id))
